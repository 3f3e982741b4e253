//! What a sandbox never has, and says so as a broker would that has none: an authorizer, quotas, SCRAM users, transactions.

use super::Here;
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::create_acls_response::AclCreationResult;
use kafka_protocol::messages::delete_acls_response::DeleteAclsFilterResult;
use kafka_protocol::messages::describe_transactions_response::TransactionState;
use kafka_protocol::messages::describe_user_scram_credentials_response::DescribeUserScramCredentialsResult;
use kafka_protocol::messages::{
    CreateAclsRequest, CreateAclsResponse, DeleteAclsRequest, DeleteAclsResponse, DescribeAclsRequest,
    DescribeAclsResponse, DescribeClientQuotasRequest, DescribeClientQuotasResponse, DescribeTransactionsRequest,
    DescribeTransactionsResponse, DescribeUserScramCredentialsRequest, DescribeUserScramCredentialsResponse,
    ListTransactionsRequest, ListTransactionsResponse,
};
use kafka_protocol::protocol::StrBytes;

const NO_AUTHORIZER: StrBytes = StrBytes::from_static_str("No Authorizer is configured.");

fn disabled() -> (i16, Option<StrBytes>) {
    (ResponseError::SecurityDisabled.code(), Some(NO_AUTHORIZER))
}

pub(super) fn describe_acls(_here: &mut Here, _request: &DescribeAclsRequest) -> DescribeAclsResponse {
    let (code, message) = disabled();
    DescribeAclsResponse::default().with_error_code(code).with_error_message(message)
}

pub(super) fn create_acls(_here: &mut Here, request: &CreateAclsRequest) -> CreateAclsResponse {
    let (code, message) = disabled();
    let one = AclCreationResult::default().with_error_code(code).with_error_message(message);
    CreateAclsResponse::default().with_results(vec![one; request.creations.len()])
}

pub(super) fn delete_acls(_here: &mut Here, request: &DeleteAclsRequest) -> DeleteAclsResponse {
    let (code, message) = disabled();
    let one = DeleteAclsFilterResult::default().with_error_code(code).with_error_message(message);
    DeleteAclsResponse::default().with_filter_results(vec![one; request.filters.len()])
}

pub(super) fn client_quotas(_here: &mut Here, _request: &DescribeClientQuotasRequest) -> DescribeClientQuotasResponse {
    DescribeClientQuotasResponse::default().with_entries(Some(vec![]))
}

pub(super) fn scram_users(
    _here: &mut Here,
    request: &DescribeUserScramCredentialsRequest,
) -> DescribeUserScramCredentialsResponse {
    let user = |name: &StrBytes| {
        DescribeUserScramCredentialsResult::default()
            .with_user(name.clone())
            .with_error_code(ResponseError::ResourceNotFound.code())
    };
    let results = request.users.iter().flatten().map(|asked| user(&asked.name));
    DescribeUserScramCredentialsResponse::default().with_results(results.collect())
}

pub(super) fn transactions(_here: &mut Here, request: &DescribeTransactionsRequest) -> DescribeTransactionsResponse {
    let state = |id: &_| {
        TransactionState::default()
            .with_transactional_id(Clone::clone(id))
            .with_error_code(ResponseError::TransactionalIdNotFound.code())
    };
    DescribeTransactionsResponse::default()
        .with_transaction_states(request.transactional_ids.iter().map(state).collect())
}

pub(super) fn no_transactions(_here: &mut Here, _request: &ListTransactionsRequest) -> ListTransactionsResponse {
    ListTransactionsResponse::default()
}
