//! Who may do what (`DescribeAcls`, `CreateAcls`, `DeleteAcls`).

use super::Client;
use super::acl_words as words;
use super::wire::answer;
use super::wire::router::Target;
use crate::error::{Error, Failure};
use kafka_protocol::messages::create_acls_request::AclCreation;
use kafka_protocol::messages::delete_acls_request::DeleteAclsFilter;
use kafka_protocol::messages::delete_acls_response::DeleteAclsFilterResult;
use kafka_protocol::messages::{
    CreateAclsRequest, DeleteAclsRequest, DeleteAclsResponse, DescribeAclsRequest, DescribeAclsResponse,
};
use kafka_protocol::protocol::StrBytes;
use serde::{Deserialize, Serialize};
use std::fmt;

/// One rule, in Kafka's own words.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acl {
    /// `TOPIC`, `GROUP`, `CLUSTER`, `TRANSACTIONAL_ID`, `DELEGATION_TOKEN`, `USER`.
    pub resource: String,
    /// `kafka-cluster` for the cluster, `*` for all.
    pub name: String,
    /// `LITERAL` or `PREFIXED`.
    pub pattern: String,
    /// Such as `User:alice`.
    pub principal: String,
    /// An address, or `*`.
    pub host: String,
    /// `READ`, `WRITE`, `DESCRIBE`, `ALL`, …
    pub operation: String,
    /// `ALLOW` or `DENY`.
    pub permission: String,
}

impl Acl {
    /// Itself, if Kafka knows its words. Error: `INVALID_ACL`.
    pub fn checked(self) -> Result<Self, Error> {
        creation(&self).map(|_| self)
    }
}

impl fmt::Display for Acl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { resource, name, pattern, principal, host, operation, permission } = self;
        write!(f, "{permission} {operation} to {principal} from {host} on {resource} {name} ({pattern})")
    }
}

/// All rules, in order. Error: `SECURITY_DISABLED` where the brokers run without an authorizer.
pub async fn list(client: &Client) -> Result<Vec<Acl>, Error> {
    let build = |_| {
        DescribeAclsRequest::default()
            .with_resource_type_filter(words::ANY)
            .with_resource_name_filter(None)
            .with_pattern_type_filter(words::ANY)
            .with_principal_filter(None)
            .with_host_filter(None)
            .with_operation(words::ANY)
            .with_permission_type(words::ANY)
    };
    client.read(Target::Any, build, |response| acls(&response)).await
}

fn acls(response: &DescribeAclsResponse) -> Result<Vec<Acl>, Error> {
    answer::check(response.error_code, response.error_message.as_deref(), "the ACLs")?;
    let mut found = Vec::new();
    for resource in &response.resources {
        found.extend(resource.acls.iter().map(|acl| Acl {
            resource: words::RESOURCES.word(resource.resource_type),
            name: resource.resource_name.to_string(),
            pattern: words::PATTERNS.word(resource.pattern_type),
            principal: acl.principal.to_string(),
            host: acl.host.to_string(),
            operation: words::OPERATIONS.word(acl.operation),
            permission: words::PERMISSIONS.word(acl.permission_type),
        }));
    }
    found.sort();
    Ok(found)
}

/// Creates rules, each with its own outcome in the order given. One that is there already is no error.
pub async fn create(client: &Client, acls: &[Acl]) -> Result<Vec<Result<(), Error>>, Failure> {
    let creations = acls.iter().map(creation).collect::<Result<Vec<_>, _>>().map_err(Failure::Refused)?;
    let build = |_| CreateAclsRequest::default().with_creations(creations.clone());
    client
        .write(Target::Any, build, |response| {
            if response.results.len() != acls.len() {
                return Err(answer::missing("the ACLs"));
            }
            let outcomes = response.results.iter().zip(acls);
            Ok(outcomes
                .map(|(result, acl)| {
                    answer::check(result.error_code, result.error_message.as_deref(), &format!("the ACL {acl}"))
                })
                .collect())
        })
        .await
}

/// Deletes these very rules, each with its own outcome in the order given. One that is not there is no error.
pub async fn delete(client: &Client, acls: &[Acl]) -> Result<Vec<Result<(), Error>>, Failure> {
    let filters = acls.iter().map(filter).collect::<Result<Vec<_>, _>>().map_err(Failure::Refused)?;
    let build = |_| DeleteAclsRequest::default().with_filters(filters.clone());
    client.write(Target::Any, build, |response| deleted(&response, acls)).await
}

fn deleted(response: &DeleteAclsResponse, acls: &[Acl]) -> Result<Vec<Result<(), Error>>, Error> {
    if response.filter_results.len() != acls.len() {
        return Err(answer::missing("the ACLs"));
    }
    let outcome = |(result, acl): (&DeleteAclsFilterResult, &Acl)| {
        let what = format!("the ACL {acl}");
        answer::check(result.error_code, result.error_message.as_deref(), &what)?;
        for matching in &result.matching_acls {
            answer::check(matching.error_code, matching.error_message.as_deref(), &what)?;
        }
        Ok(())
    };
    Ok(response.filter_results.iter().zip(acls).map(outcome).collect())
}

fn creation(acl: &Acl) -> Result<AclCreation, Error> {
    Ok(AclCreation::default()
        .with_resource_type(words::RESOURCES.number("resource", &acl.resource)?)
        .with_resource_name(text(&acl.name))
        .with_resource_pattern_type(words::PATTERNS.number("pattern", &acl.pattern)?)
        .with_principal(text(&acl.principal))
        .with_host(text(&acl.host))
        .with_operation(words::OPERATIONS.number("operation", &acl.operation)?)
        .with_permission_type(words::PERMISSIONS.number("permission", &acl.permission)?))
}

fn filter(acl: &Acl) -> Result<DeleteAclsFilter, Error> {
    Ok(DeleteAclsFilter::default()
        .with_resource_type_filter(words::RESOURCES.number("resource", &acl.resource)?)
        .with_resource_name_filter(Some(text(&acl.name)))
        .with_pattern_type_filter(words::PATTERNS.number("pattern", &acl.pattern)?)
        .with_principal_filter(Some(text(&acl.principal)))
        .with_host_filter(Some(text(&acl.host)))
        .with_operation(words::OPERATIONS.number("operation", &acl.operation)?)
        .with_permission_type(words::PERMISSIONS.number("permission", &acl.permission)?))
}

fn text(text: &str) -> StrBytes {
    StrBytes::from_string(text.to_owned())
}
