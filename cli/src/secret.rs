//! Where secrets come from: passphrases from a file, the environment or a prompt; signing keys from files that only their owner can read.

use crate::{
    failure::{Failure, Outcome},
    files::{self, Form, Output, shown},
};
use sealroot_handover::RecipientSecret;
use sealroot_protocol::code::Code;
use sealroot_protocol::passphrase::passphrase;
use sealroot_protocol::signature::SecretSigningKey;
use secrecy::SecretString;
use std::{
    env::VarError,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};
use zeroize::Zeroizing;

/// How a vault's passphrase reaches the program. Never as an argument: other users can list those.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct VaultPassphraseArgs {
    /// File with the passphrase in its first line, readable by its owner only
    #[arg(long, value_name = "FILE", env = "SEALROOT_VAULT_PASSPHRASE_FILE")]
    pub passphrase_file: Option<PathBuf>,
}

/// How a wallet's passphrase does. Its names are its own: one person's shell may hold both, and neither secret opens the other's.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct WalletPassphraseArgs {
    /// File with the passphrase in its first line, readable by its owner only
    #[arg(long, value_name = "FILE", env = "SEALROOT_WALLET_PASSPHRASE_FILE")]
    pub passphrase_file: Option<PathBuf>,
}

/// Environment variables that hold a passphrase itself.
pub const PASSPHRASES: [&str; 2] = ["SEALROOT_VAULT_PASSPHRASE", "SEALROOT_WALLET_PASSPHRASE"];

impl VaultPassphraseArgs {
    /// Where it is read from.
    pub fn source(&self) -> PassphraseSource<'_> {
        PassphraseSource { file: self.passphrase_file.as_deref(), variable: PASSPHRASES[0] }
    }
}

impl WalletPassphraseArgs {
    /// Where it is read from.
    pub fn source(&self) -> PassphraseSource<'_> {
        PassphraseSource { file: self.passphrase_file.as_deref(), variable: PASSPHRASES[1] }
    }
}

/// Where one role's passphrase is read from.
#[derive(Debug, Clone, Copy)]
pub struct PassphraseSource<'a> {
    file: Option<&'a Path>,
    variable: &'static str,
}

impl PassphraseSource<'_> {
    /// The passphrase of something that exists: from the file if one is named, else from the environment, else asked at the terminal.
    pub fn read(self, prompt: &str) -> Outcome<SecretString> {
        match self.given()? {
            Some(given) => Ok(given),
            None => Ok(SecretString::from(self.ask(prompt)?.as_str())),
        }
    }

    /// A passphrase for something new. At the terminal it is asked twice: a slip that nobody sees would lock its owner out.
    pub fn read_new(self, prompt: &str) -> Outcome<SecretString> {
        match self.given()? {
            Some(given) => Ok(given),
            None => self.ask_twice(prompt),
        }
    }

    /// A passphrase that takes another one's place: from the file if one is named, else asked twice. What the environment says is the one of now.
    pub fn read_replacing(self, prompt: &str) -> Outcome<SecretString> {
        if self.file.is_some() { self.read(prompt) } else { self.ask_twice(prompt) }
    }

    fn given(self) -> Outcome<Option<SecretString>> {
        if let Some(path) = self.file {
            let text = read_secret(path)?;
            return Ok(Some(SecretString::from(text.lines().next().unwrap_or_default())));
        }
        match std::env::var(self.variable) {
            Ok(text) => Ok(Some(SecretString::from(text))),
            Err(VarError::NotPresent) => Ok(None),
            Err(VarError::NotUnicode(_)) => {
                Err(Failure::new(Code::NotUtf8, format!("{} is not UTF-8 text", self.variable)))
            }
        }
    }

    fn ask_twice(self, prompt: &str) -> Outcome<SecretString> {
        let first = self.ask(prompt)?;
        agreed(&first, &self.ask(&format!("{prompt}, again"))?)
    }

    fn ask(self, prompt: &str) -> Outcome<Zeroizing<String>> {
        rpassword::prompt_password(format!("{prompt}: ")).map(Zeroizing::new).map_err(|e| {
            let variable = self.variable;
            Failure::new(Code::NoPassphrase, format!("no passphrase could be read: {e}"))
                .advice(format!("run in a terminal, or set {variable}_FILE or {variable}"))
        })
    }
}

/// The same text twice, however the keyboard writes it.
fn agreed(first: &str, again: &str) -> Outcome<SecretString> {
    if *passphrase(first) == *passphrase(again) {
        Ok(SecretString::from(first))
    } else {
        Err(Failure::new(Code::PassphrasesDiffer, "the two passphrases differ; nothing was made"))
    }
}

/// The one line of a secret's file, as editors on any system leave it: with a byte order mark, or with another line ending.
pub fn line(text: &str) -> &str {
    text.trim_start_matches('\u{feff}').trim_end_matches(['\r', '\n'])
}

/// Makes a new secp256k1 key file: one line, `0x` and 64 hexadecimal digits.
pub fn new_signing_key(path: &Path) -> Outcome<SecretSigningKey> {
    let place = Output::new(path, Form::secret("a signing key"))?;
    loop {
        let mut bytes = Zeroizing::new([0u8; 32]);
        rand::fill(bytes.as_mut_slice());
        // One in 2^128 draws is not a key.
        let Ok(key) = SecretSigningKey::from_bytes(&bytes) else { continue };
        let text = Zeroizing::new(format!("0x{}\n", hex::encode(*bytes)));
        place.put(text.as_bytes())?;
        return Ok(key);
    }
}

/// The text of a file that only its owner can read.
pub fn read_secret(path: &Path) -> Outcome<Zeroizing<String>> {
    owner_only(path)?;
    files::read_text(path).map(Zeroizing::new)
}

/// Reads a key file; rejects one that others can read.
pub fn read_signing_key(path: &Path) -> Outcome<SecretSigningKey> {
    let other = || {
        Failure::new(Code::BadKeyFile, format!("{} is not a signing key file", shown(path)))
            .advice("name the file of your signing key; `sealroot key new FILE` makes one")
    };
    // A vault's master key is 32 bytes: nobody must be told to save it as text.
    let text = read_secret(path).map_err(|failure| if failure.is(Code::NotUtf8) { other() } else { failure })?;
    signing_key_of(line(&text)).ok_or_else(other)
}

/// The signing key that a line holds.
pub fn signing_key_of(line: &str) -> Option<SecretSigningKey> {
    SecretSigningKey::from_bytes(&*key_bytes(line)?).ok()
}

/// The recipient key that a line holds.
pub fn recipient_key_of(line: &str) -> Option<RecipientSecret> {
    RecipientSecret::from_bytes(&*key_bytes(line.strip_prefix(RECIPIENT)?)?).ok()
}

/// `0x` and 64 hexadecimal digits.
fn key_bytes(text: &str) -> Option<Zeroizing<[u8; 32]>> {
    let mut bytes = Zeroizing::new([0u8; 32]);
    let digits = text.strip_prefix("0x").filter(|digits| digits.len() == 64)?;
    hex::decode_to_slice(digits, bytes.as_mut_slice()).ok().map(|()| bytes)
}

/// Makes a new recipient key file: one line, `x25519:0x` and 64 hexadecimal digits.
pub fn new_recipient_key(path: &Path) -> Outcome<RecipientSecret> {
    let place = Output::new(path, Form::secret("a recipient key"))?;
    let secret = RecipientSecret::random();
    let text = Zeroizing::new(format!("{RECIPIENT}0x{}\n", hex::encode(*secret.to_bytes())));
    place.put(text.as_bytes())?;
    Ok(secret)
}

/// Reads a recipient key file; rejects one that others can read.
pub fn read_recipient_key(path: &Path) -> Outcome<RecipientSecret> {
    let text = read_secret(path)?;
    recipient_key_of(line(&text)).ok_or_else(|| {
        Failure::new(Code::BadKeyFile, format!("{} is not a recipient key file", shown(path)))
            .advice("make one with `sealroot key new --recipient FILE`")
    })
}

/// Whether the file holds a recipient's key rather than a signing key.
pub fn is_recipient_key(path: &Path) -> Outcome<bool> {
    Ok(line(&Zeroizing::new(files::read_text(path)?)).starts_with(RECIPIENT))
}

/// Tells the two kinds of key file apart: a key of one kind is never used as the other.
const RECIPIENT: &str = "x25519:";

fn owner_only(path: &Path) -> Outcome<()> {
    if files::open(path)?.metadata()?.permissions().mode() & 0o077 == 0 {
        return Ok(());
    }
    Err(Failure::new(Code::SecretReadableByOthers, format!("{} can be read by other users", shown(path)))
        .advice(format!("chmod 600 {}", shown(path))))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use clap::CommandFactory;
    use secrecy::ExposeSecret;
    use std::{fs, os::unix::fs::symlink};

    #[test]
    fn a_new_passphrase_is_typed_twice() {
        assert!(agreed("caf\u{e9} noir, tard", "cafe\u{301} noir, tard").is_ok());
        assert_eq!(agreed("correct horse", "correct horze").unwrap_err().code(), Code::PassphrasesDiffer);
    }

    /// Key and passphrase files as editors on any system leave them; a link to a device is none.
    #[test]
    fn secrets_are_read_with_any_line_ending() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        let signing = new_signing_key(&at("signing")).unwrap();
        let recipient = new_recipient_key(&at("recipient")).unwrap();
        for name in ["signing", "recipient"] {
            let text = fs::read_to_string(at(name)).unwrap();
            fs::write(at(name), format!("\u{feff}{}\r\n", text.trim_end())).unwrap();
        }
        assert_eq!(read_signing_key(&at("signing")).unwrap().address(), signing.address());
        assert_eq!(read_recipient_key(&at("recipient")).unwrap().public(), recipient.public());
        assert!(is_recipient_key(&at("recipient")).unwrap() && !is_recipient_key(&at("signing")).unwrap());
        assert_eq!(new_signing_key(&at("signing")).err().unwrap().code(), Code::FileExists);

        fs::write(at("phrase"), "a passphrase in a file\r\nand a second line\r\n").unwrap();
        fs::set_permissions(at("phrase"), fs::Permissions::from_mode(0o600)).unwrap();
        let from =
            |name: &str| WalletPassphraseArgs { passphrase_file: Some(at(name)) }.source().read_new("New passphrase");
        assert_eq!(from("phrase").unwrap().expose_secret(), "a passphrase in a file");
        fs::set_permissions(at("phrase"), fs::Permissions::from_mode(0o640)).unwrap();
        assert_eq!(from("phrase").unwrap_err().code(), Code::SecretReadableByOthers);
        symlink("/dev/zero", at("zero")).unwrap();
        assert_eq!(from("zero").unwrap_err().code(), Code::NotRegularFile);
    }

    /// One person may be clerk and citizen in one shell: no verb reads the other role's secret.
    #[test]
    fn each_role_has_variables_of_its_own() {
        fn of(command: &clap::Command) -> Vec<String> {
            let own = command.get_arguments().filter_map(|argument| Some(argument.get_env()?.to_str()?.to_owned()));
            own.chain(command.get_subcommands().flat_map(of)).collect()
        }
        for (verb, own, other) in [
            ("wallet", "SEALROOT_WALLET_PASSPHRASE_FILE", "VAULT"),
            ("agency", "SEALROOT_VAULT_PASSPHRASE_FILE", "WALLET"),
        ] {
            let names = of(crate::Cli::command().find_subcommand(verb).unwrap());
            assert!(names.iter().any(|name| name == own), "{verb}: {names:?}");
            assert!(!names.iter().any(|name| name.contains(other)), "{verb}: {names:?}");
        }
        let sources =
            [VaultPassphraseArgs::default().source().variable, WalletPassphraseArgs::default().source().variable];
        assert_eq!(sources, PASSPHRASES);
    }
}
