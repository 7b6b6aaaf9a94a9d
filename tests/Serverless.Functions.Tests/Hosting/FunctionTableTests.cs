using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Template;
using Serverless.Functions.Hosting;
using Serverless.Functions.Routing;
using Xunit;

namespace Serverless.Functions.Tests.Hosting;

/// <summary>What the Functions host sees is what the app does.</summary>
public sealed partial class FunctionTableTests
{
    private const string Digest = "sha256:0000000000000000000000000000000000000000000000000000000000000000";

    public static TheoryData<string, string> Paths => new()
    {
        { "/v2", "Ping" },
        { "/v2/", "Ping" },
        { "/v2/_catalog", "Catalog" },
        { "/v2/a/tags/list", "Tags" },
        { "/v2/a/b/tags/list", "Tags" },
        { "/v2/a/manifests/latest", "Manifests" },
        { "/v2/a/tags/list/manifests/latest", "Manifests" },
        { "/v2/blobs/uploads/manifests/" + Digest, "Manifests" },
        { "/v2/a/referrers/" + Digest, "Referrers" },
        { "/v2/a/blobs/" + Digest, "Blobs" },
        { "/v2/a/blobs/uploads", "UploadStart" },
        { "/v2/a/blobs/uploads/", "UploadStart" },
        { "/v2/manifests/blobs/uploads/", "UploadStart" },
        { "/v2/a/blobs/uploads/0123456789abcdef0123456789abcdef", "Uploads" },
        { "/token", "Token" },
        { "/oauth2/token", "OAuth2Token" },
        { "/oauth2/exchange", "OAuth2Exchange" },
        { "/.well-known/jwks.json", "SigningKeys" },
        { "/healthz", "Health" },
    };

    [Theory]
    [MemberData(nameof(Paths))]
    public void A_path_of_the_registry_fits_one_function(string path, string name)
    {
        Assert.Equal([name], Matches(path));
        Assert.NotNull(RouteParser.Parse(path));
    }

    [Fact]
    public void Every_route_of_the_registry_is_among_these_paths()
    {
        var tried = Paths.Select(p => RouteParser.Parse((string)p[0])!.GetType()).ToHashSet();
        // The host asks for the root itself, and there is nothing to scrape behind it.
        tried.UnionWith([typeof(RegistryRoute.Ready), typeof(RegistryRoute.Metrics)]);
        Assert.Equal(typeof(RegistryRoute).GetNestedTypes().ToHashSet(), tried);
    }

    [Theory]
    [InlineData("/v2/a")]
    [InlineData("/v2/a/b/c")]
    [InlineData("/v2/_catalog/a")]
    [InlineData("/v2/tags/list")]
    [InlineData("/v2/a/tags/list/")]
    [InlineData("/v2/a/manifests/")]
    [InlineData("/v2/a/blobs/")]
    [InlineData("/v2/a/blobs/uploads/b/c")]
    [InlineData("/v2/a/\n/tags/list")]
    public void A_path_below_the_base_that_is_no_endpoint_fits_the_function_that_says_so(string path) => Assert.Equal(["NoEndpoint"], Matches(path));

    [Theory]
    [InlineData("/CollectGarbage")]
    [InlineData("/PurgeUploads")]
    [InlineData("/v1/_ping")]
    [InlineData("/admin/host")]
    [InlineData("/metrics")]
    public void Another_path_fits_none(string path) => Assert.Empty(Matches(path));

    [Fact]
    public void No_route_begins_with_what_the_host_keeps_for_itself()
    {
        Assert.DoesNotContain(FunctionTable.Routes.Values, r => r.StartsWith("admin", StringComparison.OrdinalIgnoreCase) || r.StartsWith("runtime", StringComparison.OrdinalIgnoreCase));
        Assert.Equal(FunctionTable.Routes.Count, FunctionTable.Routes.Values.Distinct(StringComparer.OrdinalIgnoreCase).Count());
    }

    // The host matches by ASP.NET Core's own templates, whose regular expressions ignore case.
    private static IEnumerable<string> Matches(string path) => FunctionTable.Routes.Where(r =>
    {
        var bare = Constraint().Replace(r.Value, "{*path}");
        var values = new RouteValueDictionary();
        if (!new TemplateMatcher(TemplateParser.Parse(bare), new RouteValueDictionary()).TryMatch(new PathString(path), values)) return false;
        return Constraint().Match(r.Value) is not { Success: true } match
            || Regex.IsMatch(values["path"]?.ToString() ?? "", match.Groups[1].Value, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);
    }).Select(r => r.Key);

    [GeneratedRegex(@"\{\*path:regex\((.+)\)\}")]
    private static partial Regex Constraint();
}
