using System.Globalization;
using Serverless.Registry.Copying;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Imports;

/// <summary>What the row of an import holds.</summary>
/// <param name="Import">What may be shown of it.</param>
internal sealed record ImportRow(Import Import)
{
    private const string StateProperty = "state";
    private const string CredentialsProperty = "credentials";
    private const string UploadsProperty = "uploads";

    // Those that are written anew each time; everything else is a newer release's.
    private static readonly string[] s_known =
    [
        StateProperty, CredentialsProperty, UploadsProperty, "owner", "source", "reference", "target", "tag", "tags", "platform", "referrers", "created", "ended", "reason", "failures", "next",
        "manifests", "tagsSet", "blobs", "present", "bytes", "problems", "holder", "until", "cursor",
    ];

    /// <summary>The random id of the run that is at it, or was last; empty: none was.</summary>
    public string Holder { get; init; } = "";

    /// <summary>Until when it is that run's, unless it writes again; null: nobody's.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>The last tag that was copied of a pass that was cut off; null: the next pass begins at the first.</summary>
    public string? Cursor { get; init; }

    /// <summary>What proves to the source who asks, sealed; null: nothing, or not any more.</summary>
    public byte[]? Credentials { get; init; }

    /// <summary>The uploads of large blobs that have begun.</summary>
    public IReadOnlyDictionary<Digest, UploadNote> Uploads { get; init; } = new Dictionary<Digest, UploadNote>();

    /// <summary>The version that was read.</summary>
    public string ETag { get; init; } = "";

    /// <summary>What only a newer release knows of it.</summary>
    public IReadOnlyDictionary<string, object> Others { get; init; } = new Dictionary<string, object>();

    /// <summary>The row that says that it has not ended.</summary>
    public RowKey OpenKey => TableKeys.OpenImport(Import.Request.Source, Import.Request.Target, Import.Request.Tag);

    /// <summary>Whether a run is at it.</summary>
    public bool IsHeld(DateTimeOffset now) => Import.State == ImportState.Running && Until > now;

    /// <summary>As it is shown: one whose run has died waits for another.</summary>
    public Import Show(DateTimeOffset now) => Import.State == ImportState.Running && !IsHeld(now) ? Import with { State = ImportState.Waiting } : Import;

    /// <exception cref="InvalidDataException">It makes no sense.</exception>
    /// <exception cref="FormatException">It makes no sense.</exception>
    public static ImportRow Read(TableRow row) => new(new Import
    {
        Id = TableKeys.ImportId(row.Key),
        Owner = row.FindString("owner"),
        Request = new ImportRequest
        {
            Source = row.GetString("source"),
            Reference = row.FindString("reference") is { } reference ? Reference.Parse(reference) : null,
            Target = RepositoryName.Parse(row.GetString("target")),
            Tag = row.FindString("tag") is { } tag ? Tag.Parse(tag) : null,
            Tags = Lines(row, "tags"),
            Platform = row.FindString("platform"),
            Referrers = row.GetInt64("referrers") != 0,
        },
        State = Enum.TryParse<ImportState>(row.GetString(StateProperty), out var state) ? state : throw new InvalidDataException("The import's state cannot be read."),
        Created = row.FindTime("created") ?? row.Timestamp,
        Ended = row.FindTime("ended"),
        Reason = row.FindString("reason"),
        Failures = (int)row.GetInt64("failures"),
        Next = row.FindTime("next"),
        Progress = new ImportProgress(row.GetInt64("manifests"), row.GetInt64("tagsSet"), row.GetInt64("blobs"), row.GetInt64("present"), row.GetInt64("bytes")),
        Problems = Lines(row, "problems"),
    })
    {
        Holder = row.FindString("holder") ?? "",
        Until = row.FindTime("until"),
        Cursor = row.FindString("cursor"),
        Credentials = row.FindBytes(CredentialsProperty),
        Uploads = Lines(row, UploadsProperty).Select(l => l.Split(' ')).ToDictionary(p => Digest.Parse(p[0]), p => new UploadNote(Guid.ParseExact(p[1], "N"), p[2])),
        ETag = row.ETag,
        Others = row.Others(s_known.Contains),
    };

    public Dictionary<string, object> ToProperties()
    {
        var (request, progress) = (Import.Request, Import.Progress);
        var properties = new Dictionary<string, object>(Others)
        {
            [StateProperty] = Import.State.ToString(),
            ["source"] = request.Source,
            ["target"] = request.Target.ToString(),
            ["tags"] = string.Join('\n', request.Tags),
            ["referrers"] = request.Referrers ? 1L : 0L,
            ["created"] = RowTime.Format(Import.Created),
            ["failures"] = (long)Import.Failures,
            ["manifests"] = progress.Manifests,
            ["tagsSet"] = progress.Tags,
            ["blobs"] = progress.Blobs,
            ["present"] = progress.Present,
            ["bytes"] = progress.Bytes,
            ["problems"] = string.Join('\n', Import.Problems),
            ["holder"] = Holder,
            [UploadsProperty] = string.Join('\n', Uploads.Select(u => string.Create(CultureInfo.InvariantCulture, $"{u.Key} {u.Value.Id:N} {u.Value.State}"))),
        };
        Set("owner", Import.Owner);
        Set("reference", request.Reference?.ToString());
        Set("tag", request.Tag?.ToString());
        Set("platform", request.Platform);
        Set("ended", Import.Ended is { } ended ? RowTime.Format(ended) : null);
        Set("reason", Import.Reason);
        Set("next", Import.Next is { } next ? RowTime.Format(next) : null);
        Set("until", Until is { } until ? RowTime.Format(until) : null);
        Set("cursor", Cursor);
        Set(CredentialsProperty, Credentials);
        return properties;

        void Set(string name, object? value)
        {
            if (value is not null) properties[name] = value;
        }
    }

    private static string[] Lines(TableRow row, string name) => row.FindString(name)?.Split('\n', StringSplitOptions.RemoveEmptyEntries) ?? [];
}
