//! The added functions, for cel's interpreter: what each means, written without the compiler's linear algebra.

use super::opinion::NoOpinion;
use cel::extractors::Arguments;
use cel::{Context, ExecutionError, Value as CelValue};
use sealroot_protocol::date::Date;

/// Year, month, day.
type Civil = (i128, i128, i128);

pub(crate) fn add_functions(context: &mut Context<'_, '_>, as_of: Date) -> Result<(), NoOpinion> {
    let today = civil(i128::from(as_of.yyyymmdd()));
    let declared = [
        context.add_function("age", move |Arguments(args): Arguments| of_date(&args, "age", |date| age(today, date))),
        context.add_function("age_in_months", move |Arguments(args): Arguments| {
            of_date(&args, "age_in_months", |date| age_in_months(today, date))
        }),
        context.add_function("month_number", |Arguments(args): Arguments| {
            of_date(&args, "month_number", |(year, month, _)| 12 * year + month - 1)
        }),
        context.add_function("month", |Arguments(args): Arguments| of_date(&args, "month", |(_, month, _)| month)),
        context.add_function("years_between", |Arguments(args): Arguments| {
            of_two_dates(&args, "years_between", |from, to| Ok(age(civil(to), civil(from))))
        }),
        context.add_function("months_between", |Arguments(args): Arguments| {
            of_two_dates(&args, "months_between", |from, to| Ok(age_in_months(civil(to), civil(from))))
        }),
        context.add_function("days_between", |Arguments(args): Arguments| {
            of_two_dates(&args, "days_between", |from, to| Ok(day_number(to)? - day_number(from)?))
        }),
        context.add_function("day_number", |Arguments(args): Arguments| match integers(&args)?.as_slice() {
            [date] => integer(day_number(*date)?),
            _ => Err(bad("day_number")),
        }),
        context.add_function("marginal", |Arguments(args): Arguments| bracketed(&args, marginal)),
        context.add_function("step", |Arguments(args): Arguments| bracketed(&args, step)),
        context.add_function("year", |Arguments(args): Arguments| of_date(&args, "year", |(year, _, _)| year)),
        context.add_function("sum", |Arguments(args): Arguments| integer(integers(&args)?.iter().sum())),
        context.add_function("min", |Arguments(args): Arguments| {
            integers(&args)?.into_iter().min().map_or_else(|| Err(bad("min")), integer)
        }),
        context.add_function("max", |Arguments(args): Arguments| {
            integers(&args)?.into_iter().max().map_or_else(|| Err(bad("max")), integer)
        }),
        context.add_function("floor", |Arguments(args): Arguments| divided(&args, |a, d| a.div_euclid(d))),
        context.add_function("ceil", |Arguments(args): Arguments| divided(&args, |a, d| -(-a).div_euclid(d))),
        context.add_function("round_half_up", |Arguments(args): Arguments| {
            divided(&args, |a, d| (2 * a + d).div_euclid(2 * d))
        }),
        context.add_function("date", |Arguments(args): Arguments| written(&args, |d| i128::from(d.yyyymmdd()))),
        context.add_function("day", |Arguments(args): Arguments| match args.as_slice() {
            [CelValue::String(_)] => written(&args, |d| i128::from(d.day_number())),
            _ => of_date(&args, "day", |(_, _, day)| day),
        }),
    ];
    declared.into_iter().collect::<Result<Vec<_>, _>>().map(|_| ()).map_err(|e| NoOpinion(e.to_string()))
}

fn civil(date: i128) -> Civil {
    (date.div_euclid(10_000), date.div_euclid(100).rem_euclid(100), date.rem_euclid(100))
}

/// One year more on the first day whose month and day are not before those of birth.
fn age(today: Civil, birth: Civil) -> i128 {
    today.0 - birth.0 - i128::from((today.1, today.2) < (birth.1, birth.2))
}

/// One month more on the first day that is not before that of birth.
fn age_in_months(today: Civil, birth: Civil) -> i128 {
    12 * (today.0 - birth.0) + today.1 - birth.1 - i128::from(today.2 < birth.2)
}

/// The library's calendar, where the compiler computes one.
fn day_number(date: i128) -> Result<i128, ExecutionError> {
    let date = u32::try_from(date).ok().and_then(|date| Date::from_yyyymmdd(date).ok());
    date.map(|date| i128::from(date.day_number())).ok_or_else(|| bad("date"))
}

fn of_two_dates(
    args: &[CelValue],
    name: &str,
    read: impl Fn(i128, i128) -> Result<i128, ExecutionError>,
) -> Result<CelValue, ExecutionError> {
    match integers(args)?.as_slice() {
        [from, to] => integer(read(*from, *to)?),
        _ => Err(bad(name)),
    }
}

/// Of each bracket what lies in it, times its rate; what lies below the first bound is in none.
fn marginal(x: i128, bounds: &[i128], rates: &[i128]) -> Option<i128> {
    let ends = bounds.iter().skip(1).map(|end| x.min(*end)).chain([x]);
    Some(bounds.iter().zip(ends).zip(rates).map(|((from, to), rate)| (to - from).max(0) * rate).sum())
}

/// What the last bracket says that has begun.
fn step(x: i128, bounds: &[i128], values: &[i128]) -> Option<i128> {
    bounds.iter().zip(values).rev().find(|(bound, _)| x >= **bound).map(|(_, value)| *value)
}

fn bracketed(
    args: &[CelValue],
    read: impl Fn(i128, &[i128], &[i128]) -> Option<i128>,
) -> Result<CelValue, ExecutionError> {
    let [CelValue::Int(x), bounds, values] = args else { return Err(bad("brackets")) };
    let (bounds, values) = (integers(std::slice::from_ref(bounds))?, integers(std::slice::from_ref(values))?);
    read(i128::from(*x), &bounds, &values).map_or_else(|| Err(bad("brackets")), integer)
}

fn of_date(args: &[CelValue], name: &str, read: impl Fn(Civil) -> i128) -> Result<CelValue, ExecutionError> {
    match integers(args)?.as_slice() {
        [date] => integer(read(civil(*date))),
        _ => Err(bad(name)),
    }
}

fn bad(function: &str) -> ExecutionError {
    ExecutionError::function_error(function, "the arguments don't fit")
}

fn integer(x: i128) -> Result<CelValue, ExecutionError> {
    i64::try_from(x).map(CelValue::Int).map_err(|_| bad("64-bit integer"))
}

/// All arguments, or the members of the one list.
fn integers(args: &[CelValue]) -> Result<Vec<i128>, ExecutionError> {
    let args = match args {
        [CelValue::List(list)] => list.as_slice(),
        args => args,
    };
    args.iter().map(|v| if let CelValue::Int(x) = v { Ok(i128::from(*x)) } else { Err(bad("integer")) }).collect()
}

fn divided(args: &[CelValue], round: impl Fn(i128, i128) -> i128) -> Result<CelValue, ExecutionError> {
    match integers(args)?.as_slice() {
        [a, d] if *d > 0 => integer(round(*a, *d)),
        _ => Err(bad("division")),
    }
}

fn written(args: &[CelValue], number: impl Fn(Date) -> i128) -> Result<CelValue, ExecutionError> {
    match args {
        [CelValue::String(text)] => text.parse().map_err(|_| bad("date")).and_then(|date| integer(number(date))),
        _ => Err(bad("date")),
    }
}
