using System.Net;
using Serverless.Web.Outbound;
using Xunit;

namespace Serverless.Web.Tests.Outbound;

public sealed class AddressKindTests
{
    [Theory]
    [InlineData("127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "::ffff:0:127.0.0.1")]
    [InlineData("10.0.0.0", "10.255.255.255", "172.16.0.0", "172.31.255.255", "192.168.0.0", "192.168.255.255", "::ffff:10.0.0.1", "64:ff9b::c0a8:1", "2002:a00:1::1")]
    [InlineData("169.254.0.1", "169.254.255.255", "fe80::1", "fe80::1%1", "febf::1", "fec0::1", "fc00::1", "fdff::1")]
    [InlineData("100.64.0.0", "100.127.255.255", "198.18.0.1", "198.19.255.255", "::ffff:100.64.0.1")]
    public void Addresses_of_ones_own_network_are_told_in_every_form(params string[] addresses) =>
        Assert.All(addresses, a => Assert.Equal((a, "Own"), (a, AddressKinds.Of(IPAddress.Parse(a)).ToString())));

    [Theory]
    [InlineData("169.254.169.254", "168.63.129.16", "fd00:ec2::254", "169.254.170.2", "100.100.100.200", "fd20:ce::254", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::", "::ffff:168.63.129.16")]
    [InlineData("0.0.0.0", "0.1.2.3", "::", "::ffff:0.0.0.0", "::127.0.0.1", "::169.254.169.254", "64:ff9b:1::a9fe:a9fe")]
    [InlineData("224.0.0.1", "239.255.255.255", "255.255.255.255", "240.0.0.1", "ff02::1", "ff0e::1")]
    [InlineData("192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "3fff::1", "2001::1", "100::1", "192.0.0.8", "192.88.99.1")]
    public void Addresses_that_no_host_of_ours_or_theirs_has_are_told(params string[] addresses) =>
        Assert.All(addresses, a => Assert.Equal((a, "Never"), (a, AddressKinds.Of(IPAddress.Parse(a)).ToString())));

    [Theory]
    [InlineData("1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0", "168.63.129.15", "169.253.255.255", "169.255.0.0")]
    [InlineData("172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255")]
    [InlineData("2606:4700::1111", "2a01:111::1", "::ffff:1.1.1.1", "64:ff9b::101:101", "2002:101:101::1")]
    public void Other_addresses_are_public(params string[] addresses) =>
        Assert.All(addresses, a => Assert.Equal((a, "Public"), (a, AddressKinds.Of(IPAddress.Parse(a)).ToString())));
}
