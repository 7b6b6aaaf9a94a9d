using System.Net;
using Xunit;

namespace Serverless.Web.Tests.Auth;

/// <summary>What a rule of federation has given ends with the rule.</summary>
public abstract class FederationRefreshTests(IStorageKind storage) : FederationTest(storage)
{
    private const string Rules = "Auth:Federation:forge:Rules:";

    [Fact]
    public async Task A_refresh_token_outlives_a_restart_and_new_rules_but_no_change_of_the_rules_that_gave_it()
    {
        await using var issuer = await OidcIssuer.StartAsync(Time);
        string refresh;
        await using (var registry = await StartAsync(issuer))
        {
            using var exchanged = await ExpectAsync(ExchangeAsync(registry, issuer.Make()), HttpStatusCode.OK);
            refresh = await PropertyAsync(exchanged, "refresh_token");
        }

        foreach (var (settings, holds) in ((string[], bool)[])
            [
                ([], true),
                ([$"{Rules}1:Claims:groups=release", $"{Rules}1:Scopes:0=release"], true),
                ([$"{Rules}0:Claims:ref=refs/tags/v*"], false),
                ([$"{Rules}0:Claims:environment=production"], false),
                ([$"{Rules}0:Scopes:0=other"], false),
                ([$"{Rules}0:Scopes:1=more"], false),
                (["Auth:Federation:forge:Audience=other"], false),
            ])
        {
            await using var registry = await StartAsync(issuer, settings);
            (await ExpectAsync(RefreshAsync(registry, refresh), holds ? HttpStatusCode.OK : HttpStatusCode.Unauthorized)).Dispose();
        }

        // No federation at all.
        await ExpectAsync(RefreshAsync(Registry, refresh), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
    }

    [Fact]
    public async Task Of_several_rules_that_let_somebody_in_all_must_stay()
    {
        string[] second = [$"{Rules}1:Claims:ref=refs/tags/v1", $"{Rules}1:Scopes:0=release"];
        await using var issuer = await OidcIssuer.StartAsync(Time);
        await using var both = await StartAsync(issuer, second);
        using var exchanged = await ExpectAsync(ExchangeAsync(both, issuer.Make(c => c["ref"] = "refs/tags/v1")), HttpStatusCode.OK);
        var refresh = await PropertyAsync(exchanged, "refresh_token");
        await ExpectAsync(RefreshAsync(both, refresh), HttpStatusCode.OK);
        await using var one = await StartAsync(issuer);
        await ExpectAsync(RefreshAsync(one, refresh), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
    }

    [Fact]
    public async Task A_scope_map_that_is_removed_gives_nothing_at_the_next_use()
    {
        await using var issuer = await OidcIssuer.StartAsync(Time);
        await using var registry = await StartAsync(issuer);
        using var exchanged = await ExpectAsync(ExchangeAsync(registry, issuer.Make()), HttpStatusCode.OK);
        await ScopeMaps.DeleteAsync("ci", default);
        using var answer = await ExpectAsync(RefreshAsync(registry, await PropertyAsync(exchanged, "refresh_token")), HttpStatusCode.OK);
        Assert.Empty(Access(await PropertyAsync(answer, "access_token")));
    }
}

public sealed class FederationRefreshTestsInMemory(InMemoryStorage storage) : FederationRefreshTests(storage), IClassFixture<InMemoryStorage>;

[Collection(AzuriteCollection.Name)]
public sealed class FederationRefreshTestsOnAzurite(AzuriteStorage storage) : FederationRefreshTests(storage);
