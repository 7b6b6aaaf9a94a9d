using System.Globalization;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Backup.Archives;

/// <summary>
/// The only place where names of an archive's files are made.
/// <code>
/// blobs/&lt;algorithm&gt;/&lt;hex&gt;                       the content of a blob, once for all repositories and all backups
/// backups/&lt;time&gt;/begun.json                     that a backup was begun
/// backups/&lt;time&gt;/backup.json                    what it holds, written last: a backup without it is not complete
/// backups/&lt;time&gt;/accounts.jsonl                 users, robots and scope maps, with the hashes of their passwords
/// backups/&lt;time&gt;/repositories/&lt;name&gt;.jsonl      a repository: its blobs, manifests, tags and their history; written after its blobs
/// </code>
/// So a file that is there names nothing that is not.
/// </summary>
internal static class ArchiveFiles
{
    public const string Backups = "backups/";
    public const string Blobs = "blobs/";

    private const string BegunFile = "begun.json";
    private const string CompleteFile = "backup.json";
    private const string RepositoryEnd = ".jsonl";
    private const string TimeFormat = "yyyyMMdd'T'HHmmss'Z'";

    public static string Blob(Digest digest) => $"{Blobs}{digest.ToString().Replace(':', '/')}";

    /// <summary>The blob that a file holds; null when it is of something else.</summary>
    public static Digest? BlobOf(string name) =>
        name[Blobs.Length..].Split('/') is [var algorithm, var hex] && Digest.TryParse($"{algorithm}:{hex}", out var digest) ? digest : null;

    /// <summary>The name of a backup that begins now.</summary>
    public static string NameOf(DateTimeOffset time) => time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture);

    /// <summary>Whether a text could be the name of a backup.</summary>
    public static bool IsName(string text) => DateTimeOffset.TryParseExact(text, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _);

    public static string All(string backup) => $"{Backups}{backup}/";

    public static string Begun(string backup) => All(backup) + BegunFile;

    public static string Complete(string backup) => All(backup) + CompleteFile;

    public static string Accounts(string backup) => All(backup) + "accounts.jsonl";

    public static string Repositories(string backup) => All(backup) + "repositories/";

    /// <summary>A repository's file. Its name is that of its rows, which has no slash: one name may begin as another one does.</summary>
    public static string Repository(string backup, RepositoryName name) => Repositories(backup) + TableKeys.Encode(name) + RepositoryEnd;

    /// <summary>The repository that a file is of; null when it is of none.</summary>
    public static RepositoryName? RepositoryOf(string backup, string file)
    {
        var prefix = Repositories(backup);
        return file.StartsWith(prefix, StringComparison.Ordinal) && file.EndsWith(RepositoryEnd, StringComparison.Ordinal)
            && TableKeys.TryDecode(file[prefix.Length..^RepositoryEnd.Length], out var name)
            ? name
            : null;
    }

    /// <summary>The backup that a file belongs to; null when it belongs to none.</summary>
    public static string? BackupOf(string file) => file.Split('/') is [_, var name, _, ..] && IsName(name) ? name : null;
}
