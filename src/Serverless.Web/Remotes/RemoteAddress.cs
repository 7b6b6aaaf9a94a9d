using Serverless.Registry.Copying;
using Serverless.Registry.Oci;
using Serverless.Web.Settings;

namespace Serverless.Web.Remotes;

/// <summary>Where a registry is.</summary>
/// <param name="Root">Scheme, host and port.</param>
internal sealed record RemoteAddress(Uri Root)
{
    private const string DockerHub = "registry-1.docker.io";

    // What people call it, and where it is.
    private static readonly string[] s_dockerHub = ["docker.io", "index.docker.io", DockerHub];

    /// <summary>Whether it is Docker Hub, which has a token service of its own and shorter names for some of its repositories.</summary>
    public bool IsDockerHub => Root.IdnHost == DockerHub && Root.IsDefaultPort;

    /// <summary>Host and port, for messages.</summary>
    public string Authority => Root.Authority;

    /// <summary>Reads an address.</summary>
    /// <exception cref="ImageSourceException">It is none, or may not be asked.</exception>
    public static RemoteAddress Parse(string text, OutboundSettings outbound)
    {
        var url = text.Contains("://", StringComparison.Ordinal) ? text : "https://" + text;
        // What is wrong with it is not shown: somebody may have put a password into it.
        if (!Uri.TryCreate(url, UriKind.Absolute, out var root) || root.PathAndQuery != "/" || root.UserInfo.Length > 0 || root.Fragment.Length > 0 || root.Host.Length == 0)
        {
            throw new ImageSourceException("The address of a registry is https://host[:port], without a path, a user and a password.");
        }

        if (s_dockerHub.Contains(root.IdnHost) && root.IsDefaultPort) return new RemoteAddress(new Uri($"https://{DockerHub}"));
        return outbound.FindProblem(root) is { } problem
            ? throw new ImageSourceException($"The address of the registry {root.Authority} {problem}")
            : new RemoteAddress(root);
    }

    /// <summary>Whether a URL is at the registry itself: the same scheme, host and port.</summary>
    public bool IsOwn(Uri url) => IsSameOrigin(Root, url);

    /// <summary>Whether two URLs have the same scheme, host and port.</summary>
    public static bool IsSameOrigin(Uri a, Uri b) => a.Scheme == b.Scheme && a.IdnHost == b.IdnHost && a.Port == b.Port;

    /// <summary>The name that the registry has for a repository.</summary>
    public RepositoryName NameOf(RepositoryName name) =>
        IsDockerHub && !name.ToString().Contains('/', StringComparison.Ordinal) ? RepositoryName.Parse($"library/{name}") : name;
}
