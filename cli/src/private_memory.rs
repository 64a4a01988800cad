//! What the kernel is told before a secret is in memory.
//!
//! Guarantee: no core dump of this process is written, neither to a file nor to a program that collects them, and no other process of the same user reads its
//! memory or traces it (Linux: `RLIMIT_CORE` and `PR_SET_DUMPABLE`). So a crash leaves no passphrase, key or record on a disk.
//! Non-guarantee: memory that is swapped out, and hibernation; the machine's root, and processes with `CAP_SYS_PTRACE`, read everything.

use rustix::process::{Resource, Rlimit, setrlimit};

/// Switches core dumps off, and reading by others. Says what could not be done.
pub fn keep() -> std::io::Result<()> {
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    // A limit alone doesn't hold back a program that the kernel hands dumps to.
    #[cfg(target_os = "linux")]
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use rustix::process::getrlimit;

    #[test]
    fn memory_is_neither_dumped_nor_read_by_others() {
        keep().unwrap();
        let core = getrlimit(Resource::Core);
        assert_eq!((core.current, core.maximum), (Some(0), Some(0)));
        #[cfg(target_os = "linux")]
        assert_eq!(rustix::process::dumpable_behavior().unwrap(), rustix::process::DumpableBehavior::NotDumpable);
    }
}
