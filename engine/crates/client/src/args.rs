//! Arguments of the programs: `--name value` pairs.

use std::collections::HashMap;
use std::str::FromStr;

use crate::ClientError;

/// Parsed arguments.
#[derive(Debug, Default)]
pub struct Args {
    values: HashMap<String, String>,
}

impl Args {
    /// Reads `--name value` pairs; `known` names those that there are.
    ///
    /// # Errors
    /// [`ClientError::Usage`] for anything else.
    pub fn parse(
        arguments: impl IntoIterator<Item = std::ffi::OsString>,
        known: &[&str],
    ) -> Result<Self, ClientError> {
        let usage = |reason: String| {
            ClientError::Usage(format!("{reason}; known: --{}", known.join(" --")))
        };
        let mut parser = lexopt::Parser::from_args(arguments);
        let mut values = HashMap::new();
        while let Some(argument) = parser.next().map_err(|error| usage(error.to_string()))? {
            let lexopt::Arg::Long(name) = argument else {
                return Err(usage("only --name value is understood".to_owned()));
            };
            if !known.contains(&name) {
                return Err(usage(format!("unknown argument --{name}")));
            }
            let name = name.to_owned();
            let value = parser.value().map_err(|error| usage(error.to_string()))?;
            values.insert(name, value.to_string_lossy().into_owned());
        }
        Ok(Self { values })
    }

    /// A value that must be there.
    ///
    /// # Errors
    /// When it is missing or malformed.
    pub fn required<T: FromStr>(&self, name: &str) -> Result<T, ClientError> {
        self.optional(name)?
            .ok_or_else(|| ClientError::Usage(format!("--{name} is missing")))
    }

    /// A value that has a default.
    ///
    /// # Errors
    /// When it is malformed.
    pub fn or<T: FromStr>(&self, name: &str, default: T) -> Result<T, ClientError> {
        Ok(self.optional(name)?.unwrap_or(default))
    }

    /// A value that may be absent.
    ///
    /// # Errors
    /// When it is malformed.
    pub fn optional<T: FromStr>(&self, name: &str) -> Result<Option<T>, ClientError> {
        self.values
            .get(name)
            .map(|text| {
                text.parse()
                    .map_err(|_| ClientError::Usage(format!("--{name} cannot be {text}")))
            })
            .transpose()
    }
}
