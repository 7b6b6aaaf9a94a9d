using Serverless.Registry.Copying;
using Serverless.Registry.Mirrors;
using Serverless.Registry.Oci;
using Serverless.Web.Outbound;
using Serverless.Web.Settings;

namespace Serverless.Web.Remotes;

/// <summary>Another registry, to read from and to push to. It may be used by many at once.</summary>
public sealed class RemoteRegistry : IDisposable
{
    private readonly RemoteAddress _address;
    private readonly HttpClient _http;
    private readonly RemoteTokens _tokens;
    private readonly RemoteClient _client;

    internal RemoteRegistry(RemoteOptions options, OutboundSettings outbound, OutboundNetwork network, TimeProvider time)
    {
        _address = RemoteAddress.Parse(options.Address, outbound);
        // No answer is read whole by the client itself, which therefore needs no room for one; nor does it know whether a blob is still taken.
        _http = new OutboundGuard(outbound, network).NewClient(new OutboundLimits(MaxBytes: 1, Timeout.InfiniteTimeSpan));
        var transport = new RemoteTransport(_http, options.Timeout, time);
        // A token is for the registry only, and no token service is asked with it.
        _tokens = new RemoteTokens(new RealmRule(_address, options.TrustedRealms, outbound), options.Credentials is { User: not null } user ? user : null, transport);
        _client = new RemoteClient(_address, new RemoteAuthorization(_address, options.Credentials, _tokens), transport, options.Patience);
    }

    /// <summary>Opens a registry. Nothing is sent yet.</summary>
    /// <param name="options">The registry.</param>
    /// <param name="outbound">Where requests may go.</param>
    /// <param name="time">The clock by which tokens expire.</param>
    /// <exception cref="ImageSourceException">The address is none, or may not be asked.</exception>
    public static RemoteRegistry Open(RemoteOptions options, OutboundSettings outbound, TimeProvider time) => new(options, outbound, OutboundNetwork.System, time);

    /// <summary>One of its repositories, which need not exist.</summary>
    /// <param name="name">Its name; of Docker Hub's the short ones as well.</param>
    public IImageSource OpenRepository(RepositoryName name) => OpenMirrorSource(name);

    /// <summary>One of its repositories, to mirror.</summary>
    /// <inheritdoc cref="OpenRepository"/>
    public IMirrorSource OpenMirrorSource(RepositoryName name) => new RemoteRepository(_address, _address.NameOf(name), _client);

    /// <summary>One of its repositories, to push to.</summary>
    /// <param name="name">Its name.</param>
    public IImageTarget OpenTarget(RepositoryName name) => new RemoteTarget(_address, _address.NameOf(name), _client);

    /// <summary>Its API for operators, if it is a registry of this kind.</summary>
    /// <param name="prefix">The path below which the registry lies, such as <c>/registry</c>; empty: none.</param>
    public RemoteApi OpenApi(string prefix) => new(new Uri(_address.Root, $"{prefix}/api/v1/"), _client);

    /// <inheritdoc/>
    public void Dispose()
    {
        _tokens.Dispose();
        _http.Dispose();
    }
}
