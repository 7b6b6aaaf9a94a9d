using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc.Abstractions;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.AspNetCore.Routing;
using Serverless.Web.Endpoints.Api;

namespace Serverless.Web.Tests.Api;

/// <summary>What the API can be asked for, in words, for the document that describes it. Paths are below <c>/api/v1</c>.</summary>
internal static class ApiOperations
{
    private const string Problem = "application/problem+json";

    private static readonly EmptyModelMetadataProvider s_metadata = new();

    private static readonly ApiParameter s_known = new("If-None-Match", typeof(string), "The entity tag of an answer.", BindingSource.Header);
    private static readonly ApiParameter s_condition = new("If-Match", typeof(string), "The digest that the tag must point at, as an entity tag.", BindingSource.Header);
    private static readonly ApiAnswer[] s_bodies =
    [
        new(400, typeof(ProblemDetails), "The request cannot be read, or what it asks for cannot be."),
        new(413, typeof(ProblemDetails), "The body has more than 16 KiB."),
        new(415, typeof(ProblemDetails), "The body is not application/json."),
    ];

    private static readonly ApiAnswer s_noAccount = new(404, typeof(ProblemDetails), "There is no such account.");
    private static readonly ApiAnswer s_ownAccount = new(409, typeof(ProblemDetails), "It is the caller's own.");
    private static readonly ApiAnswer s_configuredMap = new(409, typeof(ProblemDetails), "The configuration has it.");
    private static readonly ApiAnswer s_unchanged = new(304, null, "It is as it was.");
    private static readonly ApiAnswer s_noRepository = new(404, typeof(ProblemDetails), "There is no such repository.");
    private static readonly ApiAnswer s_noTag = new(404, typeof(ProblemDetails), "There is no such tag.");
    private static readonly ApiAnswer s_noManifest = new(404, typeof(ProblemDetails), "There is no such manifest.");

    public static IReadOnlyList<ApiOperation> All { get; } =
    [
        new("GET", "openapi.json", "getDocument", "This document")
        {
            Description = "For whoever is let in.",
            Answers = [new(200, null, "The document.")],
        },
        new("GET", "repositories", "listRepositories", "The repositories that the caller may see")
        {
            Description = "In ASCII order. A page may be short, even empty, and still have a next one.",
            Parameters =
            [
                new("n", typeof(uint), "Names in the page, at most; `Lists:CatalogPageSize` without, and never more."),
                new("cursor", typeof(string), "The cursor of the page before."),
                new("q", typeof(string), "A text that the names have in them."),
                s_known,
            ],
            Answers = [new(200, typeof(RepositoryListDocument), "A page of names."), s_unchanged, new(400, typeof(ProblemDetails), "The page cannot be read.")],
        },
        new("GET", "repositories/{name}", "getRepository", "A repository")
        {
            Description = "Its tags are counted up to 1,000.",
            Parameters = [Name, s_known],
            Answers = [new(200, typeof(RepositoryDocument), "The repository."), s_unchanged, s_noRepository],
        },
        new("DELETE", "repositories/{name}", "deleteRepository", "Deletes all tags and manifests of a repository")
        {
            Description = "Its blobs are collected after the grace; until then manifests can be restored one by one. One that is cut off is gone on with by the next.",
            Parameters = [Name],
            Answers = [new(204, null, "They are deleted."), s_noRepository],
        },
        new("GET", "repositories/{name}/_tags", "listTags", "The tags of a repository")
        {
            Description = "In ASCII order, with what each points at.",
            Parameters = [Name, new("n", typeof(uint), "Tags in the page, at most; `Lists:TagPageSize` without, and never more."), new("cursor", typeof(string), "The cursor of the page before."), s_known],
            Answers = [new(200, typeof(TagListDocument), "A page of tags."), s_unchanged, new(400, typeof(ProblemDetails), "The page cannot be read."), s_noRepository],
        },
        new("GET", "repositories/{name}/_tags/{tag}", "getTag", "A tag")
        {
            Description = "Its `ETag` is the digest that it points at.",
            Parameters = [Name, Tag],
            Answers = [new(200, typeof(TagDocument), "The tag."), s_noTag],
        },
        new("PUT", "repositories/{name}/_tags/{tag}", "putTag", "Points a tag at a manifest, or back at what it pointed at before")
        {
            Description = "Needs push. A deleted tag goes back to what it pointed at last.",
            Parameters = [Name, Tag, s_condition],
            Body = typeof(TagOrder),
            Answers =
            [
                new(200, typeof(TagDocument), "The tag as it is now."),
                new(400, typeof(ProblemDetails), "The request cannot be read."),
                new(404, typeof(ProblemDetails), "There is no such manifest in the repository."),
                new(409, typeof(ProblemDetails), "The history of the tag holds nothing else that is still there."),
                new(412, typeof(ProblemDetails), "It points at something else."),
                new(415, typeof(ProblemDetails), "The body is not application/json."),
            ],
        },
        new("DELETE", "repositories/{name}/_tags/{tag}", "deleteTag", "Deletes a tag; the manifest stays")
        {
            Description = "It can be restored for a while.",
            Parameters = [Name, Tag, s_condition],
            Answers = [new(204, null, "It is deleted."), s_noTag, new(412, typeof(ProblemDetails), "It points at something else.")],
        },
        new("GET", "repositories/{name}/_tags/{tag}/history", "getTagHistory", "What a tag has pointed at")
        {
            Description = "Also of a tag that was deleted.",
            Parameters = [Name, Tag, s_known],
            Answers = [new(200, typeof(TagHistoryDocument), "The moves."), s_unchanged, s_noTag],
        },
        new("GET", "repositories/{name}/_manifests/{reference}", "getManifest", "A manifest: what it is, its layers or platforms, and what its config says")
        {
            Description = "Needs pull. Texts are what the authors of images have written: whoever shows them must show them as text.",
            Parameters = [Name, new("reference", typeof(string), "A tag or a digest.", BindingSource.Path), s_known],
            Answers = [new(200, typeof(ManifestDocument), "The manifest."), s_unchanged, s_noManifest],
        },
        new("DELETE", "repositories/{name}/_manifests/{reference}", "deleteManifest", "Deletes a manifest and the tags that point at it")
        {
            Description = "It can be restored for a while.",
            Parameters = [Name, new("reference", typeof(string), "A digest.", BindingSource.Path)],
            Answers = [new(204, null, "It is deleted."), new(400, typeof(ProblemDetails), "It is no digest."), s_noManifest],
        },
        new("GET", "repositories/{name}/_manifests/{digest}/referrers", "getReferrers", "What refers to a manifest, and what refers to that")
        {
            Description = "Four levels at most, 100 referrers of each, from 50 lists.",
            Parameters = [Name, new("digest", typeof(string), "The manifest, which need not be there.", BindingSource.Path), s_known],
            Answers = [new(200, typeof(ReferrerTreeDocument), "The tree."), s_unchanged, new(400, typeof(ProblemDetails), "It is no digest.")],
        },
        new("GET", "repositories/{name}/_deleted", "listDeleted", "What was deleted and can be restored")
        {
            Description = "At most 1,000 entries.",
            Parameters = [Name, s_known],
            Answers = [new(200, typeof(DeletedListDocument), "What was deleted within the grace."), s_unchanged],
        },
        new("POST", "repositories/{name}/_deleted/{reference}", "restore", "Restores what was deleted")
        {
            Description = "Needs push. A manifest comes with the tags that went with it, as far as nobody has made them anew.",
            Parameters = [Name, new("reference", typeof(string), "The tag or digest that was deleted.", BindingSource.Path)],
            Answers = [new(200, typeof(RestoredDocument), "What is there again."), new(400, typeof(ProblemDetails), "Blobs that it names are gone."), new(404, typeof(ProblemDetails), "Nothing is remembered of it.")],
        },
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
        new("GET", "imports", "listImports", "The imports that the caller has asked for, the newest first")
        {
            Description = "With `all`, everybody's; that needs the right `registry:admin:*`. Imports that have ended are kept for 30 days.",
            Parameters =
            [
                new("n", typeof(uint), "Imports in the page, at most; 100 without, and never more."),
                new("cursor", typeof(string), "The cursor of the page before."),
                new("all", typeof(string), "Everybody's imports; the value says nothing."),
            ],
            Answers = [new(200, typeof(ImportListDocument), "A page of imports."), new(400, typeof(ProblemDetails), "The page cannot be read.")],
        },
        new("POST", "imports", "addImport", "Asks for images of another registry")
        {
            Description = "Needs push on the target. It begins soon, and goes on after a failure or a restart. The same request, as long as it has not ended, is answered with the same import.",
            Body = typeof(ImportOrder),
            Answers =
            [
                new(202, typeof(ImportDocument), "The import. `Location` is where its state is."),
                new(400, typeof(ProblemDetails), "The request cannot be read, or the source may not be asked."),
                new(409, typeof(ProblemDetails), "Another import from there to there has not ended, and asks for something else."),
                new(413, typeof(ProblemDetails), "The body has more than 16 KiB."),
                new(415, typeof(ProblemDetails), "The body is not application/json."),
                new(429, typeof(ProblemDetails), "Too many imports have not ended."),
            ],
        },
        new("GET", "imports/{id}", "getImport", "How an import stands")
        {
            Description = "For who asked for it, for those who may pull from its target, and for `registry:admin:*`. With `Prefer: wait=N` the answer comes when it has ended, or after N seconds, at most 100.",
            Parameters = [Id, new("Prefer", typeof(string), "wait=N", BindingSource.Header), new("If-None-Match", typeof(string), "The entity tag of an answer.", BindingSource.Header)],
            Answers = [new(200, typeof(ImportDocument), "The import."), new(304, null, "It stands as it did."), new(404, typeof(ProblemDetails), "There is no such import, or none that the caller may see.")],
        },
        new("DELETE", "imports/{id}", "cancelImport", "Ends an import")
        {
            Description = "For who asked for it, for those who may push to its target, and for `registry:admin:*`. What has been imported stays. What is being written at that moment may still come.",
            Parameters = [Id],
            Answers =
            [
                new(200, typeof(ImportDocument), "The import, which is cancelled."),
                new(404, typeof(ProblemDetails), "There is no such import, or none that the caller may see."),
                new(409, typeof(ProblemDetails), "It has ended otherwise."),
            ],
        },
    ];

    private static ApiParameter Name => new("name", typeof(string), "The repository; its slashes are written as such.", BindingSource.Path);

    private static ApiParameter Account => new("account", typeof(string), "The account.", BindingSource.Path);

    private static ApiParameter Map => new("map", typeof(string), "The scope map.", BindingSource.Path);

    private static ApiParameter Tag => new("tag", typeof(string), "The tag.", BindingSource.Path);

    private static ApiParameter Id => new("id", typeof(string), "The import.", BindingSource.Path);

    // What every operation may be answered.
    private static readonly ApiAnswer[] s_always =
    [
        new(401, typeof(ProblemDetails), "Credentials are needed."), new(403, typeof(ProblemDetails), "The caller lacks the right."),
        new(405, typeof(ProblemDetails), "The registry does not do this, or not now: it may be read-only."), new(503, typeof(ProblemDetails), "The registry's storage is not available for now."),
    ];

    /// <summary>The operations as the framework describes those of an application.</summary>
    public static IApiDescriptionGroupCollectionProvider Describe() => new Descriptions(new ApiDescriptionGroupCollection([new ApiDescriptionGroup(null, [.. All.Select(Describe)])], 1));

    private static ApiDescription Describe(ApiOperation operation)
    {
        var description = new ApiDescription
        {
            HttpMethod = operation.Method,
            RelativePath = operation.Path,
            ActionDescriptor = new ActionDescriptor
            {
                DisplayName = operation.Id,
                EndpointMetadata = [new EndpointNameMetadata(operation.Id), new EndpointSummaryAttribute(operation.Summary), new EndpointDescriptionAttribute(operation.Description), new TagsAttribute(operation.Path.Split('/')[0])],
                Parameters = [],
            },
        };
        foreach (var parameter in operation.Parameters) description.ParameterDescriptions.Add(Describe(parameter));
        if (operation.Body is { } body)
        {
            description.ParameterDescriptions.Add(Describe("body", body, BindingSource.Body, isRequired: true));
            description.SupportedRequestFormats.Add(new ApiRequestFormat { MediaType = "application/json" });
        }

        foreach (var answer in operation.Answers.Concat(s_always).OrderBy(a => a.Status)) description.SupportedResponseTypes.Add(Describe(answer));
        return description;
    }

    private static ApiParameterDescription Describe(ApiParameter parameter) => Describe(parameter.Name, parameter.Type, parameter.Source ?? BindingSource.Query, parameter.Source == BindingSource.Path);

    private static ApiParameterDescription Describe(string name, Type type, BindingSource source, bool isRequired) => new()
    {
        Name = name,
        Source = source,
        Type = type,
        IsRequired = isRequired,
        ModelMetadata = s_metadata.GetMetadataForType(type),
        ParameterDescriptor = new ParameterDescriptor { Name = name, ParameterType = type },
    };

    private static ApiResponseType Describe(ApiAnswer answer) => new()
    {
        StatusCode = answer.Status,
        Description = answer.Description,
        Type = answer.Type ?? typeof(void),
        ApiResponseFormats = answer.Type is null ? [] : [new ApiResponseFormat { MediaType = answer.Status < 400 ? "application/json" : Problem }],
    };

    private sealed record Descriptions(ApiDescriptionGroupCollection ApiDescriptionGroups) : IApiDescriptionGroupCollectionProvider;
}

/// <summary>Something that the API can be asked for.</summary>
internal sealed record ApiOperation(string Method, string Path, string Id, string Summary)
{
    public string Description { get; init; } = "";

    public IReadOnlyList<ApiParameter> Parameters { get; init; } = [];

    public Type? Body { get; init; }

    public IReadOnlyList<ApiAnswer> Answers { get; init; } = [];
}

/// <summary>What may be said besides the path.</summary>
internal sealed record ApiParameter(string Name, Type Type, string Description, BindingSource? Source = null);

/// <summary>What may be answered.</summary>
internal sealed record ApiAnswer(int Status, Type? Type, string Description);

/// <summary>A problem as the API tells it (RFC 9457): without a type, with a code for programs.</summary>
internal sealed record ProblemDetails(string Title, int Status, string Code, string Detail)
{
    public IReadOnlyList<string>? Errors { get; init; }
}
