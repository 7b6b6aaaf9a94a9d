using System.Text.RegularExpressions;
using Serverless.Registry.Imports;
using Serverless.Registry.Oci;
using Serverless.Web.Remotes;

namespace Serverless.Web.Endpoints.Api;

/// <summary>Reads what is to be imported, and says all that is wrong with it.</summary>
internal static partial class ImportOrders
{
    private const int MaxPatterns = 20;

    /// <summary>What a body asks for.</summary>
    /// <exception cref="RegistryException">It cannot be.</exception>
    public static ImportRequest Read(ImportOrder order)
    {
        List<string> problems = [];
        var (source, target, tags) = (RemoteImage.Find(order.Source), ImageName.Find(order.Target), order.Tags ?? []);
        if (source is null) problems.Add("source is written HOST/NAME[:TAG|@DIGEST], with the host");
        if (target is null or { Reference.Digest: not null }) problems.Add("target is written NAME or NAME:TAG, as it is to be called in this registry");
        if (tags.Count > MaxPatterns || tags.Any(t => t is null || !PatternGrammar().IsMatch(t))) problems.Add($"tags has at most {MaxPatterns} patterns, of letters, digits, underscores, dots, hyphens, * and ?");
        if (order.Platform is { } platform && !PlatformGrammar().IsMatch(platform)) problems.Add("platform is written os/architecture or os/architecture/variant");
        if (source?.Reference is not null && tags.Count > 0) problems.Add("tags is for a whole repository: leave it out, or the tag of source");
        if (source is { Reference: null } && target?.Reference is not null) problems.Add("a whole repository keeps its tags: leave out the tag of target, or give source one");
        if (order.Credentials?.FindProblem() is { } problem) problems.Add(problem);
        if (problems.Count > 0) throw new RegistryException(ApiErrors.RequestInvalid, "the import cannot be asked for like this", problems);
        return new ImportRequest
        {
            Source = source!.ToString(),
            Reference = source.Reference,
            Target = target!.Name,
            Tag = target.Reference?.Tag ?? source.Reference?.Tag,
            Tags = tags,
            Platform = order.Platform,
            Referrers = order.Referrers ?? true,
        };
    }

    [GeneratedRegex(@"\A[A-Za-z0-9_.*?-]{1,128}\z", RegexOptions.CultureInvariant)]
    private static partial Regex PatternGrammar();

    [GeneratedRegex(@"\A[a-z0-9]{1,32}/[a-z0-9_]{1,32}(/[a-z0-9_.-]{1,32})?\z", RegexOptions.CultureInvariant)]
    private static partial Regex PlatformGrammar();
}
