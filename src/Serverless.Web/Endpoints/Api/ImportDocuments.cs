using System.ComponentModel;
using Serverless.Registry.Imports;
using Serverless.Web.Imports;

namespace Serverless.Web.Endpoints.Api;

/// <summary>The body of a request for an import.</summary>
internal sealed record ImportOrder
{
    [Description("Where the images are: HOST/NAME:TAG, HOST/NAME@DIGEST, or HOST/NAME for its tags.")]
    public required string Source { get; init; }

    [Description("Where they are to be: NAME:TAG, or NAME to keep the tags of the source.")]
    public required string Target { get; init; }

    [Description("Of a whole repository, the tags that fit one of these patterns, with * and ?; all without.")]
    public IReadOnlyList<string>? Tags { get; init; }

    [Description("The platform that is taken out of indexes, such as linux/amd64; all of them without.")]
    public string? Platform { get; init; }

    [Description("Whether signatures, SBOMs and whatever else refers to the images come along. Default: true.")]
    public bool? Referrers { get; init; }

    [Description("What proves to the source who asks. It is kept encrypted until the import has ended, and never shown.")]
    public ImportCredentials? Credentials { get; init; }
}

/// <summary>An import as it is shown.</summary>
internal sealed record ImportDocument
{
    [Description("The import.")]
    public required string Id { get; init; }

    [Description("waiting, running, succeeded, failed or cancelled.")]
    public required string State { get; init; }

    [Description("Where the images are.")]
    public required string Source { get; init; }

    [Description("Where they are to be.")]
    public required string Target { get; init; }

    [Description("The patterns of tags; empty: all.")]
    public required IReadOnlyList<string> Tags { get; init; }

    [Description("The platform that is taken out of indexes.")]
    public string? Platform { get; init; }

    [Description("Whether what refers to the images comes along.")]
    public required bool Referrers { get; init; }

    [Description("Who asked for it.")]
    public string? Owner { get; init; }

    [Description("When it was asked for.")]
    public required DateTimeOffset CreatedAt { get; init; }

    [Description("When it ended.")]
    public DateTimeOffset? EndedAt { get; init; }

    [Description("When it is tried again.")]
    public DateTimeOffset? NextAttemptAt { get; init; }

    [Description("Why it failed, or has to wait.")]
    public string? Reason { get; init; }

    [Description("What has been done.")]
    public required ImportProgressDocument Progress { get; init; }

    [Description("What could not be copied; of many the first.")]
    public required IReadOnlyList<string> Problems { get; init; }

    public static ImportDocument Of(Import import) => new()
    {
        Id = import.Id,
        State = import.State switch
        {
            ImportState.Waiting => "waiting",
            ImportState.Running => "running",
            ImportState.Succeeded => "succeeded",
            ImportState.Failed => "failed",
            _ => "cancelled",
        },
        Source = import.Request.Source,
        Target = import.Request.Tag is { } tag ? $"{import.Request.Target}:{tag}" : import.Request.Target.ToString(),
        Tags = import.Request.Tags,
        Platform = import.Request.Platform,
        Referrers = import.Request.Referrers,
        Owner = import.Owner,
        CreatedAt = import.Created,
        EndedAt = import.Ended,
        NextAttemptAt = import.Next,
        Reason = import.Reason,
        Progress = new ImportProgressDocument(import.Progress.Manifests, import.Progress.Tags, import.Progress.Blobs, import.Progress.Present, import.Progress.Bytes),
        Problems = import.Problems,
    };
}

/// <summary>What has been done of an import, as it is shown.</summary>
internal sealed record ImportProgressDocument(
    [property: Description("Manifests that were written.")] long Manifests,
    [property: Description("Tags that were set.")] long Tags,
    [property: Description("Blobs that came from the source.")] long Blobs,
    [property: Description("Manifests and blobs that were there already, as the last run found them.")] long Present,
    [property: Description("Bytes of blobs that came from the source.")] long Bytes);

/// <summary>A page of imports.</summary>
internal sealed record ImportListDocument
{
    [Description("The imports, the newest first.")]
    public required IReadOnlyList<ImportDocument> Imports { get; init; }

    [Description("Begins the next page; not there on the last one.")]
    public string? Cursor { get; init; }
}
