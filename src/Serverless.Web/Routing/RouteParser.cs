using Serverless.Registry.Oci;

namespace Serverless.Web.Routing;

/// <summary>
/// Reads a path as it was sent. A repository's name may hold slashes and the words <c>manifests</c>, <c>blobs</c> and <c>uploads</c>, so a path is read from
/// its end, where only the endpoints' own words can stand. Everything that is not spelled exactly so is no route: there is one spelling for a thing, and
/// one decision on access.
/// </summary>
internal static class RouteParser
{
    private const string Prefix = "/v2/";
    private const string ApiPrefix = "/api/v1/";
    private const string PagePrefix = "/ui/";
    private const string RepositoryPrefix = ApiPrefix + "repositories/";

    /// <summary>The route of a path; null when there is none.</summary>
    /// <param name="rawPath">The path as it was sent, without the query.</param>
    /// <exception cref="RegistryException">NAME_INVALID.</exception>
    public static RegistryRoute? Parse(string rawPath)
    {
        if (Decode(rawPath) is not { } path) return null;
        switch (path)
        {
            case "/": return new RegistryRoute.Ready();
            case "/healthz": return new RegistryRoute.Health();
            case "/metrics": return new RegistryRoute.Metrics();
            case "/token" or "/oauth2/token": return new RegistryRoute.Token();
            case "/oauth2/exchange": return new RegistryRoute.TokenExchange();
            case "/.well-known/jwks.json": return new RegistryRoute.SigningKeys();
            case ApiPrefix + "openapi.json": return new RegistryRoute.ApiDocument();
            case ApiPrefix + "accounts": return new RegistryRoute.Accounts();
            case ApiPrefix + "scope-maps": return new RegistryRoute.ScopeMaps();
            case ApiPrefix + "audit": return new RegistryRoute.Audit();
            case ApiPrefix + "usage": return new RegistryRoute.Usage();
            case ApiPrefix + "quotas": return new RegistryRoute.Quotas();
            case ApiPrefix + "events": return new RegistryRoute.Events();
            case ApiPrefix + "repositories": return new RegistryRoute.Repositories();
            case ApiPrefix + "imports": return new RegistryRoute.Imports();
            case "/ui": return new RegistryRoute.Page(null);
            case "/v2" or Prefix: return new RegistryRoute.Ping();
            case Prefix + "_catalog": return new RegistryRoute.Catalog();
        }

        if (path.StartsWith(RepositoryPrefix, StringComparison.Ordinal)) return ParseRepository(path[RepositoryPrefix.Length..].Split('/'));
        if (path.StartsWith(ApiPrefix, StringComparison.Ordinal)) return ParseApi(path[ApiPrefix.Length..].Split('/'));
        if (path.StartsWith(PagePrefix, StringComparison.Ordinal)) return new RegistryRoute.Page(path[PagePrefix.Length..]);
        if (!path.StartsWith(Prefix, StringComparison.Ordinal)) return null;
        var segments = path[Prefix.Length..].Split('/');
        return segments switch
        {
            [.. var name, "blobs", "uploads", ""] when name.Length > 0 => new RegistryRoute.Uploads(Name(name)),
            [.. var name, "blobs", "uploads"] when name.Length > 0 => new RegistryRoute.Uploads(Name(name)),
            [.. var name, "blobs", "uploads", var id] when name.Length > 0 => new RegistryRoute.Upload(Name(name), id),
            [.. var name, "tags", "list"] when name.Length > 0 => new RegistryRoute.Tags(Name(name)),
            [.. var name, "referrers", var subject] when name.Length > 0 && subject.Length > 0 => new RegistryRoute.Referrers(Name(name), subject),
            [.. var name, "manifests", var reference] when name.Length > 0 && reference.Length > 0 => new RegistryRoute.Manifest(Name(name), reference),
            [.. var name, "blobs", var digest] when name.Length > 0 && digest.Length > 0 => new RegistryRoute.Blob(Name(name), digest),
            _ => null,
        };
    }

    private static RegistryRoute? ParseApi(string[] segments) => segments switch
    {
        ["imports", { Length: > 0 } id] => new RegistryRoute.Import(id),
        ["accounts", { Length: > 0 } name] => new RegistryRoute.Account(name),
        ["accounts", { Length: > 0 } name, "password"] => new RegistryRoute.AccountPassword(name),
        ["scope-maps", { Length: > 0 } name] => new RegistryRoute.ScopeMap(name),
        ["events", { Length: > 0 } endpoint, { Length: > 0 } id] => new RegistryRoute.EventOf(endpoint, id),
        ["quotas", { Length: > 0 } pattern] => new RegistryRoute.QuotaOf(pattern),
        _ => null,
    };

    // No part of a name begins with an underscore, so that the words of the API stand in its way nowhere.
    private static RegistryRoute? ParseRepository(string[] segments) => segments switch
    {
        [.. var name, "_tags"] when name.Length > 0 => new RegistryRoute.TagInfos(Name(name)),
        [.. var name, "_tags", var tag] when name.Length > 0 && tag.Length > 0 => new RegistryRoute.TagInfo(Name(name), tag),
        [.. var name, "_tags", var tag, "history"] when name.Length > 0 && tag.Length > 0 => new RegistryRoute.TagMoves(Name(name), tag),
        [.. var name, "_manifests", var reference] when name.Length > 0 && reference.Length > 0 => new RegistryRoute.ManifestInfo(Name(name), reference),
        [.. var name, "_manifests", var digest, "referrers"] when name.Length > 0 && digest.Length > 0 => new RegistryRoute.ReferrerTree(Name(name), digest),
        [.. var name, "_deleted"] when name.Length > 0 => new RegistryRoute.DeletedItems(Name(name)),
        [.. var name, "_deleted", var reference] when name.Length > 0 && reference.Length > 0 => new RegistryRoute.DeletedItem(Name(name), reference),
        _ => new RegistryRoute.RepositoryInfo(Name(segments)),
    };

    /// <summary>Whether a path is one of the API for operators, a route or not: what is wrong there is told as its clients expect it.</summary>
    public static bool IsApi(string path) => path == "/api" || path.StartsWith("/api/", StringComparison.Ordinal);

    /// <summary>The answer to a path that is no route.</summary>
    public static RegistryException NoEndpoint() => new(RegistryError.NameUnknown, "no such endpoint");

    private static RepositoryName Name(string[] segments) =>
        RepositoryName.TryParse(string.Join('/', segments), out var name) ? name : throw new RegistryException(RegistryError.NameInvalid);

    // Clients may encode what need not be, such as the colon of a digest. An encoded slash or percent sign would give a path a second reading.
    private static string? Decode(string rawPath)
    {
        if (!rawPath.Contains('%', StringComparison.Ordinal)) return rawPath;
        if (rawPath.Contains("%2f", StringComparison.OrdinalIgnoreCase) || rawPath.Contains("%25", StringComparison.Ordinal)) return null;
        return Uri.UnescapeDataString(rawPath);
    }
}
