using Serverless.Registry.Mirrors;
using Serverless.Registry.Oci;
using Serverless.Web.Remotes;
using Serverless.Web.Routing;
using Serverless.Web.Settings;

namespace Serverless.Web.Mirrors;

/// <summary>
/// The mirrors, and the two ways in which clients ask this registry as if it were the other one:
/// <code>
///   GET /v2/library/busybox/manifests/latest?ns=docker.io    containerd, by hosts.toml: ns is the registry that is meant
///   GET /v2/library/busybox/manifests/latest                 Docker, by registry-mirrors: Host is a name that is the mirror's own
/// </code>
/// Both are requests for the mirror's repository, here docker-hub/library/busybox, and access is decided on for that one.
/// </summary>
internal sealed class MirrorTable(IReadOnlyList<OpenMirror> mirrors) : IDisposable
{
    private readonly Dictionary<string, OpenMirror> _byHost = new(
        mirrors.SelectMany(m => m.Settings.Hosts.Select(h => KeyValuePair.Create(h, m))), StringComparer.OrdinalIgnoreCase);

    private readonly Dictionary<string, OpenMirror> _byNamespace = new(
        mirrors.SelectMany(m => m.Settings.Namespaces.Select(n => KeyValuePair.Create(n, m))).DistinctBy(n => n.Key), StringComparer.OrdinalIgnoreCase);

    /// <summary>The mirror that a repository belongs to; null: none.</summary>
    public Mirror? Find(RepositoryName repository)
    {
        foreach (var mirror in mirrors)
        {
            if (mirror.Mirror.Rule.Holds(repository)) return mirror.Mirror;
        }

        return null;
    }

    /// <summary>The route that a request means: of the mirror's repository, where it asks as if this were the other registry.</summary>
    /// <exception cref="RegistryException">NAME_UNKNOWN: with the mirror's prefix the name would be too long.</exception>
    public RegistryRoute Resolve(HttpContext http, RegistryRoute route)
    {
        if (mirrors.Count == 0 || RouteFamily.Repository(route) is not { } name || FindMeant(http) is not { } meant) return route;
        // Whoever writes the prefix into the path of his mirror's address sends it himself.
        if (meant.Mirror.Rule.Holds(name)) return route;
        return RouteFamily.WithRepository(route, meant.Mirror.Rule.NameHere(name) ?? throw new RegistryException(RegistryError.NameUnknown));
    }

    public void Dispose()
    {
        foreach (var mirror in mirrors) mirror.Dispose();
    }

    private OpenMirror? FindMeant(HttpContext http) =>
        http.Request.Query["ns"] is [{ Length: > 0 } ns, ..] && _byNamespace.TryGetValue(ns, out var mirror) ? mirror : _byHost.GetValueOrDefault(http.Request.Host.Host);
}

/// <summary>A mirror, its settings, and the client of what it mirrors.</summary>
internal sealed record OpenMirror(MirrorSettings Settings, RemoteRegistry Remote, Mirror Mirror) : IDisposable
{
    public void Dispose()
    {
        Mirror.Dispose();
        Remote.Dispose();
    }
}
