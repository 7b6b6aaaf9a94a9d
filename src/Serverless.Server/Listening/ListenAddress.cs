using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Serverless.Server.Listening;

/// <summary>Where the server listens, as an address such as <c>http://127.0.0.1:5000</c>, <c>https://*:5001</c> or <c>http://unix:/run/registry.sock</c>.</summary>
internal sealed class ListenAddress
{
    /// <summary>What an address must be.</summary>
    public const string Rule = "an http or https address without a path, whose host is an IP address, localhost or * for all, or unix:/ and the path of a socket";

    private readonly BindingAddress _address;
    private readonly IPAddress? _ip;

    private ListenAddress(BindingAddress address, IPAddress? ip) => (_address, _ip) = (address, ip);

    /// <summary>Whether connections are by TLS.</summary>
    public bool IsTls => _address.Scheme.Equals(Uri.UriSchemeHttps, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether only this machine can connect there.</summary>
    public bool IsLocal => _address.IsUnixPipe || (_ip is null ? IsLocalhost(_address) : IPAddress.IsLoopback(_ip));

    /// <exception cref="ArgumentException">It is none.</exception>
    public static ListenAddress Parse(string text)
    {
        try
        {
            var address = BindingAddress.Parse(text);
            var ip = IPAddress.TryParse(address.Host, out var parsed) ? parsed : null;
            if (IsFit(address, ip)) return new ListenAddress(address, ip);
        }
        catch (FormatException)
        {
            // Said below.
        }

        throw new ArgumentException($"It is not {Rule}.", nameof(text));
    }

    /// <summary>Has the server listen there.</summary>
    public void Bind(KestrelServerOptions options, Action<ListenOptions> configure)
    {
        if (_address.IsUnixPipe) options.ListenUnixSocket(_address.UnixPipePath, configure);
        else if (_ip is not null) options.Listen(_ip, _address.Port, configure);
        else if (IsLocalhost(_address)) options.ListenLocalhost(_address.Port, configure);
        else options.ListenAnyIP(_address.Port, configure);
    }

    public override string ToString() => _address.ToString();

    // A name would be taken for all addresses of the machine, and port 0 of localhost for two different ports.
    private static bool IsFit(BindingAddress address, IPAddress? ip) =>
        address.Scheme.ToUpperInvariant() is "HTTP" or "HTTPS" && address.PathBase.Length == 0
        && (address.IsUnixPipe || ip is not null || address.Host is "*" or "+" || (IsLocalhost(address) && address.Port != 0));

    private static bool IsLocalhost(BindingAddress address) => address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase);
}
