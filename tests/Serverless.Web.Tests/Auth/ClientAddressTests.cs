using System.Net;
using Microsoft.AspNetCore.Http;
using Serverless.Web.Auth;
using Xunit;

namespace Serverless.Web.Tests.Auth;

public sealed class ClientAddressTests
{
    [Theory]
    [InlineData(0, "1.1.1.1", "9.9.9.9")]
    [InlineData(1, "", "9.9.9.9")]
    [InlineData(1, "1.1.1.1", "1.1.1.1")]
    [InlineData(1, "2.2.2.2, 1.1.1.1", "1.1.1.1")]
    [InlineData(1, "2.2.2.2,1.1.1.1:4711", "1.1.1.1")]
    [InlineData(1, "[2001:db8::1]:4711", "2001:db8::1")]
    [InlineData(1, "2001:db8::1", "2001:db8::1")]
    [InlineData(2, "3.3.3.3, 2.2.2.2, 1.1.1.1", "2.2.2.2")]
    [InlineData(2, "1.1.1.1", "9.9.9.9")]
    [InlineData(1, "2.2.2.2, nonsense", "9.9.9.9")]
    [InlineData(1, "2.2.2.2, ", "9.9.9.9")]
    public void Only_what_known_proxies_have_written_counts(int proxies, string forwarded, string expected)
    {
        var http = new DefaultHttpContext();
        http.Connection.RemoteIpAddress = IPAddress.Parse("9.9.9.9");
        if (forwarded.Length > 0) http.Request.Headers["X-Forwarded-For"] = forwarded;
        Assert.Equal(expected, new ClientAddress(proxies).Of(http));
    }

    [Fact]
    public void A_header_that_is_sent_twice_is_one_list()
    {
        var http = new DefaultHttpContext();
        http.Request.Headers["X-Forwarded-For"] = new[] { "2.2.2.2", "1.1.1.1" };
        Assert.Equal("1.1.1.1", new ClientAddress(1).Of(http));
        Assert.Equal("2.2.2.2", new ClientAddress(2).Of(http));
    }

    [Fact]
    public void Another_header_counts_only_where_it_is_named_and_then_alone()
    {
        var http = new DefaultHttpContext();
        http.Connection.RemoteIpAddress = IPAddress.Parse("9.9.9.9");
        http.Request.Headers["X-Forwarded-For"] = "1.1.1.1";
        http.Request.Headers["X-Azure-ClientIP"] = "2.2.2.2";
        Assert.Equal("9.9.9.9", new ClientAddress(0).Of(http));
        Assert.Equal("1.1.1.1", new ClientAddress(1).Of(http));
        Assert.Equal("2.2.2.2", new ClientAddress(1, "X-Azure-ClientIP").Of(http));
        Assert.Equal("9.9.9.9", new ClientAddress(1, "X-Other").Of(http));
    }

    [Fact]
    public void What_may_be_everybodys_address_is_told_but_nobody_is_refused_for_it()
    {
        var http = new DefaultHttpContext();
        http.Connection.RemoteIpAddress = IPAddress.Loopback;
        http.Request.Headers["X-Forwarded-For"] = "1.1.1.1:4711";
        Assert.Equal(("1.1.1.1", null), (new ClientAddress(null).Of(http), new ClientAddress(null).NetworkOf(http)));
        Assert.Equal("1.1.1.1", new ClientAddress(1).NetworkOf(http));
    }
}
