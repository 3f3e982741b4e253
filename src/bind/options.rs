//! The trailing option map of a host function: unknown keys are refused, with a suggestion.

use crate::error::Error;
use crate::quantity::duration;
use crate::suggestion::did_you_mean;
use rhai::{Array, Dynamic, Map};
use std::time::Duration;

pub(crate) struct Options<'a> {
    of: &'a str,
    given: Map,
    known: Vec<&'static str>,
}

impl<'a> Options<'a> {
    pub(crate) fn new(of: &'a str, given: Map) -> Self {
        Self { of, given, known: Vec::new() }
    }

    fn take(&mut self, name: &'static str) -> Option<Dynamic> {
        self.known.push(name);
        self.given.remove(name).filter(|value| !value.is_unit())
    }

    pub(crate) fn duration(&mut self, name: &'static str) -> Result<Option<Duration>, Error> {
        let Some(value) = self.take(name) else { return Ok(None) };
        let Ok(text) = value.into_string() else { return Err(self.wrong(name, "a duration like \"30s\"")) };
        duration::parse(&text).map(Some)
    }

    pub(crate) fn flag(&mut self, name: &'static str) -> Result<bool, Error> {
        let value = self.take(name);
        value.map_or(Ok(false), |value| value.as_bool().map_err(|_| self.wrong(name, "true or false")))
    }

    pub(crate) fn count(&mut self, name: &'static str) -> Result<Option<u32>, Error> {
        let Some(value) = self.take(name) else { return Ok(None) };
        let number = value.as_int().ok().and_then(|number| u32::try_from(number).ok()).filter(|number| *number > 0);
        number.map(Some).ok_or_else(|| self.wrong(name, "a whole number from 1"))
    }

    pub(crate) fn per_cent(&mut self, name: &'static str) -> Result<Option<u8>, Error> {
        let Some(value) = self.take(name) else { return Ok(None) };
        let number = value.as_int().ok().and_then(|number| u8::try_from(number).ok()).filter(|number| *number <= 100);
        number.map(Some).ok_or_else(|| self.wrong(name, "per cent, a whole number from 0 to 100"))
    }

    pub(crate) fn bytes(&mut self, name: &'static str) -> Result<Option<u64>, Error> {
        let Some(value) = self.take(name) else { return Ok(None) };
        let bytes = value.as_int().ok().and_then(|bytes| u64::try_from(bytes).ok());
        bytes.map(Some).ok_or_else(|| self.wrong(name, "a whole number of bytes"))
    }

    pub(crate) fn text(&mut self, name: &'static str) -> Result<Option<String>, Error> {
        let Some(value) = self.take(name) else { return Ok(None) };
        value.into_string().map(Some).map_err(|_| self.wrong(name, "a string"))
    }

    pub(crate) fn texts(&mut self, name: &'static str) -> Result<Option<Vec<String>>, Error> {
        let Some(value) = self.take(name) else { return Ok(None) };
        let items = value.into_typed_array::<String>();
        items.map(Some).map_err(|_| self.wrong(name, "an array of strings"))
    }

    pub(crate) fn map(&mut self, name: &'static str) -> Result<Option<Map>, Error> {
        let Some(value) = self.take(name) else { return Ok(None) };
        value.try_cast::<Map>().map(Some).ok_or_else(|| self.wrong(name, "a map"))
    }

    /// What `read` makes of it; `wanted` says what that takes.
    pub(crate) fn read_by<T>(
        &mut self,
        name: &'static str,
        read: impl Fn(&Dynamic) -> Option<T>,
        wanted: &str,
    ) -> Result<Option<T>, Error> {
        let Some(value) = self.take(name) else { return Ok(None) };
        read(&value).map(Some).ok_or_else(|| self.wrong(name, wanted))
    }

    /// Ids as numbers, or as the strings that a parameter of the kind `list` gives.
    pub(crate) fn ids(&mut self, name: &'static str) -> Result<Option<Vec<i32>>, Error> {
        let Some(value) = self.take(name) else { return Ok(None) };
        let Some(items) = value.try_cast::<Array>() else { return Err(self.wrong(name, "an array of ids")) };
        let id = |item: &Dynamic| item.to_string().parse().map_err(|_| self.no_id(name, &item.to_string()));
        items.iter().map(id).collect::<Result<_, _>>().map(Some)
    }

    fn no_id(&self, name: &str, text: &str) -> Error {
        Error::new("INVALID_BROKER_ID", format!("`{text}` in option `{name}` of `{}` is no broker id", self.of))
            .hint("a broker id is a whole number, such as 4")
    }

    /// Every key that nobody took is a mistake.
    pub(crate) fn finish(self) -> Result<(), Error> {
        let Some(unknown) = self.given.keys().next() else { return Ok(()) };
        let error = Error::new("UNKNOWN_OPTION", format!("`{}` has no option `{unknown}`", self.of));
        let known = format!("it has: {}", self.known.join(", "));
        Err(error.hint(did_you_mean(unknown, self.known.iter().copied()).unwrap_or(known)))
    }

    fn wrong(&self, name: &str, wanted: &str) -> Error {
        Error::new("INVALID_OPTION", format!("option `{name}` of `{}` is not {wanted}", self.of))
    }
}
