using Serverless.Registry.Copying;
using Serverless.Web.Settings;

namespace Serverless.Web.Remotes;

/// <summary>
/// Which token service is asked, and with what. A registry names its token service in an answer, so whoever can forge one answer, or runs the registry, could have the password sent anywhere:
/// it goes to the registry's own host and to hosts that the operator named. Neighbours in the same domain may be somebody else's.
/// </summary>
/// <param name="address">The registry.</param>
/// <param name="trusted">Hosts that may be given the password, in any case.</param>
/// <param name="outbound">Hosts that may be asked over http.</param>
internal sealed class RealmRule(RemoteAddress address, IEnumerable<string> trusted, OutboundSettings outbound)
{
    private const string DockerHubRealm = "auth.docker.io";

    private readonly HashSet<string> _trusted = new(trusted, StringComparer.OrdinalIgnoreCase);

    /// <summary>The address of the token service.</summary>
    /// <param name="realm">What the registry says; null when it says nothing.</param>
    /// <param name="withPassword">Whether it is to be given the password.</param>
    /// <exception cref="ImageSourceException">It may not be asked.</exception>
    public Uri Check(string? realm, bool withPassword)
    {
        if (!Uri.TryCreate(realm, UriKind.Absolute, out var url) || (url.Scheme != Uri.UriSchemeHttps && url.Scheme != Uri.UriSchemeHttp) || url.UserInfo.Length > 0)
        {
            throw new ImageSourceException($"{address.Authority} asks for a token and does not say by a URL where it is to be had.");
        }

        if (url.Scheme == Uri.UriSchemeHttp && (address.Root.Scheme == Uri.UriSchemeHttps || !outbound.Allows(url.IdnHost)))
        {
            throw new ImageSourceException($"{address.Authority} wants a token to be fetched from {url.Host} without TLS, which is done only for a registry without TLS, and for hosts that {SettingsReader.Root}:Outbound:Allow names.");
        }

        if (withPassword && !MayHavePassword(url))
        {
            throw new ImageSourceException(
                $"{address.Authority} wants the user and the password to be sent to {url.Host}, which is another host, so they were not sent. If it is the registry's token service, name {url.Host} among the trusted realms (TrustedRealms).");
        }

        return url;
    }

    private bool MayHavePassword(Uri url) =>
        url.IdnHost == address.Root.IdnHost || _trusted.Contains(url.IdnHost) || _trusted.Contains(url.Host) || (address.IsDockerHub && url.IdnHost == DockerHubRealm && url.IsDefaultPort);
}
