using System.Net;
using System.Net.Sockets;

namespace Serverless.Web.Outbound;

/// <summary>
/// Tells whose an address is, by the registries of special addresses that IANA keeps (RFC 6890). IPv4 addresses that IPv6 ones carry are looked at as what
/// they are, since the network turns them back. Of IPv6 only what is handed out (2000::/3) is public.
/// </summary>
internal static class AddressKinds
{
    private static readonly (IPNetwork Network, AddressKind Kind)[] s_known =
    [
        // Metadata services and the like: Azure, AWS, Google and OpenStack; the host of Azure; tasks of AWS; Alibaba; AWS and Google over IPv6.
        Of("169.254.169.254/32", AddressKind.Never), Of("168.63.129.16/32", AddressKind.Never), Of("169.254.170.2/32", AddressKind.Never), Of("169.254.170.23/32", AddressKind.Never),
        Of("100.100.100.200/32", AddressKind.Never), Of("fd00:ec2::/32", AddressKind.Never), Of("fd20:ce::254/128", AddressKind.Never),

        Of("127.0.0.0/8", AddressKind.Own), Of("10.0.0.0/8", AddressKind.Own), Of("172.16.0.0/12", AddressKind.Own), Of("192.168.0.0/16", AddressKind.Own),
        Of("169.254.0.0/16", AddressKind.Own), Of("100.64.0.0/10", AddressKind.Own), Of("198.18.0.0/15", AddressKind.Own),

        // This host, as which most systems take 0.0.0.0; protocols; documentation; relays of 6to4; groups; not handed out; broadcast.
        Of("0.0.0.0/8", AddressKind.Never), Of("192.0.0.0/24", AddressKind.Never), Of("192.0.2.0/24", AddressKind.Never), Of("198.51.100.0/24", AddressKind.Never),
        Of("203.0.113.0/24", AddressKind.Never), Of("192.88.99.0/24", AddressKind.Never), Of("224.0.0.0/4", AddressKind.Never), Of("240.0.0.0/4", AddressKind.Never),
        Of("0.0.0.0/0", AddressKind.Public),

        Of("::1/128", AddressKind.Own), Of("fc00::/7", AddressKind.Own), Of("fe80::/10", AddressKind.Own), Of("fec0::/10", AddressKind.Own),
        // Teredo and other protocols; documentation.
        Of("2001::/23", AddressKind.Never), Of("2001:db8::/32", AddressKind.Never), Of("3fff::/20", AddressKind.Never),
        Of("2000::/3", AddressKind.Public), Of("::/0", AddressKind.Never),
    ];

    // Where IPv6 addresses carry IPv4 ones, and at which byte: translated (RFC 2765), NAT64 (RFC 6052), 6to4 (RFC 3056). Others, such as 64:ff9b:1::/48, are not public.
    private static readonly (IPNetwork Network, int At)[] s_carriers =
    [
        (IPNetwork.Parse("::ffff:0:0:0/96"), 12), (IPNetwork.Parse("64:ff9b::/96"), 12), (IPNetwork.Parse("2002::/16"), 2),
    ];

    /// <summary>Whose an address is.</summary>
    public static AddressKind Of(IPAddress address)
    {
        // Networks do not compare with mapped addresses as one would expect, so these come first.
        if (address.IsIPv4MappedToIPv6) return Of(address.MapToIPv4());
        // The zone is of this machine and says nothing about the address.
        var plain = address.AddressFamily == AddressFamily.InterNetworkV6 ? new IPAddress(address.GetAddressBytes()) : address;
        foreach (var (network, at) in s_carriers)
        {
            if (plain.AddressFamily == AddressFamily.InterNetworkV6 && network.Contains(plain)) return Of(new IPAddress(plain.GetAddressBytes().AsSpan(at, 4)));
        }

        return s_known.First(k => k.Network.BaseAddress.AddressFamily == plain.AddressFamily && k.Network.Contains(plain)).Kind;
    }

    private static (IPNetwork Network, AddressKind Kind) Of(string network, AddressKind kind) => (IPNetwork.Parse(network), kind);
}
