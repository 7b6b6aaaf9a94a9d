namespace Serverless.Web.Http;

/// <summary>
/// Clients that go on with an upload on another host. The others break off there, so they keep to the registry's own; a client that is not known is taken for one of those.
/// All of these were seen to follow, in the version that stands beside them where it is known, unless something else is said; those that leave Authorization behind are met by no challenge there, and those that send it are not asked
/// for it.
/// </summary>
internal static class FollowingClients
{
    private static readonly string[] s_first =
    [
        "docker/", // 20.10.24: without Authorization.
        "containerd/", // 1.6.20: without Authorization.
        "buildkit/", // Name from its source (util/version); pushes by containerd's code.
        "skopeo/", // 1.9.3, and all that is built on containers/image: with Authorization.
        "containers/", // 5.23.1: podman 4.3.
        "libpod/", // Name from podman's source: podman 4.4 and later.
        "Buildah/", // 1.28.2
        "regclient/", // regctl: without Authorization.
        ".NET Container Library ", // .NET SDK 10.0.401: with Authorization.
        "jib ", // With Authorization. Its name here was not seen.
    ];

    // Google's Go library puts its own name after that of the program, be it crane, which was seen (without
    // Authorization), or cosign, kaniko and ko, which were not, and follows for all of them.
    private const string Library = "go-containerregistry";

    /// <summary>Whether the client is one of them.</summary>
    public static bool Include(HttpRequest request)
    {
        var agent = request.Headers.UserAgent.ToString();
        return s_first.Any(name => agent.StartsWith(name, StringComparison.Ordinal)) || agent.Split(' ').Any(p => p == Library || p.StartsWith(Library + "/", StringComparison.Ordinal));
    }
}
