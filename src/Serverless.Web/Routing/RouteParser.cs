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
    private const string ImportPrefix = ApiPrefix + "imports/";

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
            case ApiPrefix + "imports": return new RegistryRoute.Imports();
            case "/v2" or Prefix: return new RegistryRoute.Ping();
            case Prefix + "_catalog": return new RegistryRoute.Catalog();
        }

        if (path.StartsWith(ImportPrefix, StringComparison.Ordinal) && path[ImportPrefix.Length..] is { Length: > 0 } import && !import.Contains('/', StringComparison.Ordinal)) return new RegistryRoute.Import(import);
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
