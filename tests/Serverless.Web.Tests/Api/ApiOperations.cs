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

    public static IReadOnlyList<ApiOperation> All { get; } =
    [
        new("GET", "openapi.json", "getDocument", "This document")
        {
            Description = "For whoever is let in.",
            Answers = [new(200, null, "The document.")],
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
