using BenchmarkDotNet.Attributes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Serverless.Registry.Access;
using Serverless.Registry.Accounts;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage.InMemory;
using Serverless.Web.Auth;
using Serverless.Web.Auth.Jwt;
using Serverless.Web.Auth.Tokens;
using Serverless.Web.Http;
using Serverless.Web.Settings;

namespace Serverless.Benchmarks;

/// <summary>What signing in costs each request: from the Authorization header to the caller's rights, with a token of the registry's own (ES256).</summary>
public class TokenBenchmarks
{
    private TokenAuthenticator _authenticator = null!;
    private TokenValidator _validator = null!;
    private DefaultHttpContext _http = null!;
    private string _token = "";

    [GlobalSetup]
    public void SetUp() => SetUpAsync().GetAwaiter().GetResult();

    private async Task SetUpAsync()
    {
        var time = TimeProvider.System;
        var settings = new TokenSettings { Service = "registry", Issuer = "registry", Lifetime = TimeSpan.FromHours(1) };
        var verified = new VerifiedTokens(time);
        var keys = new KeyRing(KeyRingSource.Storage(new SigningKeyStore(new InMemoryTableStore(time), time)), verified, time, NullLogger<KeyRing>.Instance);
        var trust = new TokenTrust(settings.Issuer, settings.Service, ["ES256"], keys.FindKeysAsync);
        _validator = new TokenValidator(trust, time);
        _authenticator = new TokenAuthenticator(settings, new Locations(null, ""), _validator, verified, new OpenStanding());
        var rule = AccessRule.For(RepositoryName.Parse("team/app"), RepositoryActions.Pull | RepositoryActions.Push);
        var (token, _) = await new TokenIssuer(settings, keys, time).IssueAsync(new Subject("alice", "password", AccessRights.All), [rule], default);
        _token = token;
        _http = new DefaultHttpContext();
        _http.Request.Headers.Authorization = "Bearer " + token;
        if (await NextRequestAsync() is null) throw new InvalidOperationException("The token does not hold.");
    }

    /// <summary>A token that was not seen before.</summary>
    [Benchmark]
    public async Task<object?> FirstRequestAsync() => await _validator.ValidateAsync(_token, default);

    /// <summary>A token that was seen a moment ago.</summary>
    [Benchmark]
    public async Task<object?> NextRequestAsync() => await _authenticator.IdentifyAsync(_http);
}
