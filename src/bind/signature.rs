//! Host functions under their signatures, as a script author reads them: names of parameters, and a line that says what
//! they do. The engine's metadata is where hints, `krun check` and the reference have them from.

use rhai::FuncRegistration;

/// `signature` is `step(name: string, body: closure) -> any value`, of a method `Cluster.topic(name: string) -> map`.
pub(crate) fn function(signature: &str, doc: &str) -> FuncRegistration {
    let (head, rest) = signature.split_once('(').unwrap_or((signature, ")"));
    let (params, result) = rest.rsplit_once(')').unwrap_or((rest, ""));
    let (receiver, name) = match head.split_once('.') {
        Some((of, name)) => (Some(format!("receiver: &mut {of}")), name),
        None => (None, head),
    };
    let params = params.split(", ").filter(|param| !param.is_empty()).map(str::to_owned);
    let result = result.trim_start_matches(" -> ").to_owned();
    FuncRegistration::new(name)
        .with_params_info(receiver.into_iter().chain(params).chain((!result.is_empty()).then_some(result)))
        .with_comments([format!("/// {doc}")])
}
