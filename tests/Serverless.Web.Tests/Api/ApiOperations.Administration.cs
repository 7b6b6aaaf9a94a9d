using Microsoft.AspNetCore.Mvc.ModelBinding;
using Serverless.Web.Endpoints.Api;

namespace Serverless.Web.Tests.Api;

// What those who look after the registry can ask for.
internal static partial class ApiOperations
{
    private static ApiOperation[] Administration() =>
    [
        new("GET", "accounts", "listAccounts", "The accounts")
        {
            Description = "By name. Needs `registry:admin:*`, as everything about accounts and scope maps. There is none of this where nobody has to sign in.",
            Parameters = [new("n", typeof(uint), "Accounts in the page, at most; 100 without, and never more."), new("cursor", typeof(string), "The cursor of the page before."), s_known],
            Answers = [new(200, typeof(AccountListDocument), "A page of accounts."), s_unchanged, new(400, typeof(ProblemDetails), "The page cannot be read.")],
        },
        new("POST", "accounts", "addAccount", "Makes an account")
        {
            Description = "A robot's password is in the answer, and shown only there.",
            Body = typeof(AccountOrder),
            Answers = [new(201, typeof(AccountDocument), "The account. `Location` is where it is."), .. s_bodies, new(409, typeof(ProblemDetails), "There is an account of that name.")],
        },
        new("GET", "accounts/{account}", "getAccount", "An account")
        {
            Description = "Without its passwords.",
            Parameters = [Account, s_known],
            Answers = [new(200, typeof(AccountDocument), "The account."), s_unchanged, s_noAccount],
        },
        new("PATCH", "accounts/{account}", "changeAccount", "Changes an account")
        {
            Description = "What the body does not name stays. Whoever is locked out, has another password or other scope maps has refresh tokens no more; tokens that are out hold until they end.",
            Parameters = [Account],
            Body = typeof(AccountChange),
            Answers = [new(200, typeof(AccountDocument), "The account as it is now."), .. s_bodies, s_noAccount, s_ownAccount],
        },
        new("DELETE", "accounts/{account}", "deleteAccount", "Deletes an account")
        {
            Description = "Tokens that are out hold until they end.",
            Parameters = [Account],
            Answers = [new(204, null, "It is deleted."), s_noAccount, s_ownAccount],
        },
        new("POST", "accounts/{account}/password", "rotatePassword", "Makes a new password for a robot")
        {
            Description = "It replaces the older of its two, so that the one before holds until the next.",
            Parameters = [Account],
            Answers = [new(200, typeof(NewPasswordDocument), "The password, which is shown only now."), new(400, typeof(ProblemDetails), "It is no robot."), s_noAccount],
        },
        new("GET", "scope-maps", "listScopeMaps", "The scope maps")
        {
            Description = "Those of the configuration included.",
            Parameters = [s_known],
            Answers = [new(200, typeof(ScopeMapListDocument), "All of them."), s_unchanged],
        },
        new("PUT", "scope-maps/{map}", "setScopeMap", "Makes a scope map or replaces it")
        {
            Description = "It holds for all accounts that name it.",
            Parameters = [Map],
            Body = typeof(ScopeMapOrder),
            Answers = [new(200, typeof(ScopeMapDocument), "The scope map as it is now."), .. s_bodies, s_configuredMap],
        },
        new("DELETE", "scope-maps/{map}", "deleteScopeMap", "Deletes a scope map")
        {
            Description = "Accounts that name it lose its rights.",
            Parameters = [Map],
            Answers = [new(204, null, "It is deleted."), new(404, typeof(ProblemDetails), "There is no such scope map."), s_configuredMap],
        },
        new("GET", "audit", "listChanges", "What was changed by those who look after the registry")
        {
            Description = "Changes of accounts and scope maps by this API, and deletions of whole repositories; the newest thousand.",
            Parameters = [new("n", typeof(uint), "Changes in the page, at most; 100 without, and never more."), new("cursor", typeof(string), "The cursor of the page before."), s_known],
            Answers = [new(200, typeof(AuditDocument), "A page of changes."), s_unchanged, new(400, typeof(ProblemDetails), "The page cannot be read.")],
        },
        new("GET", "quotas", "listQuotas", "The quotas of namespaces")
        {
            Description = "By pattern.",
            Parameters = [s_known],
            Answers = [new(200, typeof(QuotaListDocument), "All of them."), s_unchanged],
        },
        new("PUT", "quotas/{pattern}", "setQuota", "Sets how much a namespace may hold, or each of many")
        {
            Description = "It holds everywhere five seconds later. What nobody has pushed to since an older release is counted by the next collection.",
            Parameters = [Pattern],
            Body = typeof(QuotaOrder),
            Answers = [new(200, typeof(QuotaDocument), "The quota as it is now."), .. s_bodies],
        },
        new("DELETE", "quotas/{pattern}", "deleteQuota", "Takes a quota away")
        {
            Description = "What a namespace holds stays.",
            Parameters = [Pattern],
            Answers = [new(204, null, "It is deleted."), new(404, typeof(ProblemDetails), "There is no such quota.")],
        },
        new("GET", "events", "listEvents", "The events that were given up, and the endpoints that are told of events")
        {
            Description = "By endpoint and then by time. They are kept for 30 days.",
            Parameters = [new("n", typeof(uint), "Events in the page, at most; 100 without, and never more."), new("cursor", typeof(string), "The cursor of the page before."), s_known],
            Answers = [new(200, typeof(EventListDocument), "A page of events."), s_unchanged, new(400, typeof(ProblemDetails), "The page cannot be read.")],
        },
        new("POST", "events/{endpoint}/{event}", "resendEvent", "Has an event delivered after all")
        {
            Description = "Under its own id, as a new one is.",
            Parameters = [new("endpoint", typeof(string), "The endpoint.", BindingSource.Path), new("event", typeof(string), "The event.", BindingSource.Path)],
            Answers = [new(204, null, "It waits for its delivery."), new(404, typeof(ProblemDetails), "No such event was given up.")],
        },
    ];
}
