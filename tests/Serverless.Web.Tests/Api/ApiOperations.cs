using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc.Abstractions;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.AspNetCore.Routing;

namespace Serverless.Web.Tests.Api;

/// <summary>What the API can be asked for, in words, for the document that describes it. Paths are below <c>/api/v1</c>.</summary>
internal static partial class ApiOperations
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

    public static IReadOnlyList<ApiOperation> All { get; } = [.. Repositories(), .. Administration(), .. Imports()];

    private static ApiParameter Name => new("name", typeof(string), "The repository; its slashes are written as such.", BindingSource.Path);

    private static ApiParameter Account => new("account", typeof(string), "The account.", BindingSource.Path);

    private static ApiParameter Map => new("map", typeof(string), "The scope map.", BindingSource.Path);

    private static ApiParameter Tag => new("tag", typeof(string), "The tag.", BindingSource.Path);

    private static ApiParameter Pattern => new("pattern", typeof(string), "The name of a namespace without its slash, or what names begin with and an asterisk.", BindingSource.Path);

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
