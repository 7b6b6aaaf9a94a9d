using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.IdentityModel.Tokens;
using Serverless.Web.Auth;
using Serverless.Web.Auth.Jwt;
using Serverless.Web.Auth.Tokens;
using Serverless.Web.Http;
using Serverless.Web.Settings;
using Xunit;

namespace Serverless.Web.Tests.Auth;

/// <summary>Where clients are sent to sign in when nobody has said it.</summary>
public sealed class RealmTests
{
    [Theory]
    [InlineData("127.0.0.1", "http://127.0.0.1:5000/token")]
    // Of a listener for both families.
    [InlineData("::ffff:10.1.2.3", "http://10.1.2.3:5000/token")]
    [InlineData("::1", "http://[::1]:5000/token")]
    [InlineData("fd00::7", "http://[fd00::7]:5000/token")]
    public void It_is_the_address_of_the_connection_in_the_client_s_own_family(string local, string realm)
    {
        var settings = new TokenSettings { Service = "registry", Issuer = "registry" };
        var trust = new TokenTrust("registry", "registry", TokenSettings.AllAlgorithms, (_, _) => ValueTask.FromResult<IReadOnlyList<SecurityKey>>([]));
        var time = TimeProvider.System;
        var authenticator = new TokenAuthenticator(settings, new Locations(null, ""), new TokenValidator(trust, time), new VerifiedTokens(time), new OpenStanding());
        var http = new DefaultHttpContext { Request = { Scheme = "http" }, Connection = { LocalIpAddress = IPAddress.Parse(local), LocalPort = 5000 } };
        Assert.Equal($"Bearer realm=\"{realm}\",service=\"registry\"", authenticator.Challenge(http, RequiredAccess.None, null));
    }
}
