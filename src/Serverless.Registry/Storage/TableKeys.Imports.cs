using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Serverless.Registry.Oci;

namespace Serverless.Registry.Storage;

// The keys of imports, in the system table. All are in one partition, so that what is open and what is known of it change together.
public static partial class TableKeys
{
    /// <summary>Partition of the imports.</summary>
    public const string ImportPartition = "imports";

    /// <summary>Prefix of the imports that have not ended.</summary>
    public const string OpenImportPrefix = "o:";

    /// <summary>Prefix of all imports, the newest first.</summary>
    public const string ImportPrefix = "i:";

    private const int ImportTimeLength = 16;

    /// <summary>A new import's id. Ids of later ones sort before it; the rest is random.</summary>
    public static string NewImportId(DateTimeOffset now) => InverseTime(now) + RandomNumberGenerator.GetHexString(16, lowercase: true);

    /// <summary>Whether a text may be an import's id.</summary>
    public static bool IsImportId(string text) => text.Length == ImportTimeLength + 16 && text.All(char.IsAsciiHexDigitLower);

    /// <summary>An import.</summary>
    public static RowKey Import(string id) => new(ImportPartition, ImportPrefix + id);

    /// <summary>That an import from there to there has not ended: there is one at a time.</summary>
    public static RowKey OpenImport(string source, RepositoryName target, Tag? tag) =>
        new(ImportPartition, OpenImportPrefix + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{source} {target}:{tag}"))));

    /// <summary>The id of an import.</summary>
    public static string ImportId(RowKey key) => key.Row[ImportPrefix.Length..];

    /// <summary>What comes before the ids of all imports of that time or earlier.</summary>
    public static string ImportsUntil(DateTimeOffset time) => InverseTime(time);

    private static string InverseTime(DateTimeOffset time) => (long.MaxValue - time.UtcTicks).ToString("x16", CultureInfo.InvariantCulture);
}
