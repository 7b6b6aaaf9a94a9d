using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Template;
using Microsoft.Azure.Functions.Worker;
using Xunit;

namespace Serverless.Functions.Tests;

/// <summary>The functions that the Functions host sees, and which paths it gives to which.</summary>
public sealed partial class RouteTests
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
        { "/api/v1/openapi.json", "Api" },
        { "/api/v1/imports", "Api" },
        { "/api/v1/imports/0123456789abcdef0123456789abcdef", "Api" },
        { "/api/v1/nothing", "Api" },
        { "/ui", "Page" },
        { "/ui/", "Page" },
        { "/ui/assets/index-0123.js", "Page" },
    };

    private static readonly Dictionary<string, HttpTriggerAttribute> s_triggers = typeof(RegistryFunctions).GetMethods()
        .Where(m => m.IsDefined(typeof(FunctionAttribute)))
        .ToDictionary(m => m.GetCustomAttribute<FunctionAttribute>()!.Name, m => m.GetParameters().Single().GetCustomAttribute<HttpTriggerAttribute>()!);

    [Theory]
    [MemberData(nameof(Paths))]
    public void A_path_of_the_registry_fits_one_function(string path, string name) => Assert.Equal([name], Matches(path));

    [Fact]
    public void Every_function_is_among_these_but_for_the_one_that_says_that_there_is_nothing() =>
        Assert.Equal(s_triggers.Keys.Order(), Paths.Select(p => (string)p[1]).Append("NoEndpoint").Distinct().Order());

    [Fact]
    public void Every_function_takes_every_method_from_everybody() => Assert.All(s_triggers.Values, trigger =>
    {
        Assert.Equal(AuthorizationLevel.Anonymous, trigger.AuthLevel);
        Assert.Equal(["delete", "get", "head", "options", "patch", "post", "put"], trigger.Methods!.Order());
    });

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
    [InlineData("/Maintenance")]
    [InlineData("/v1/_ping")]
    [InlineData("/admin/host")]
    [InlineData("/metrics")]
    [InlineData("/api/v2/imports")]
    public void Another_path_fits_none(string path) => Assert.Empty(Matches(path));

    [Fact]
    public void No_route_begins_with_what_the_host_keeps_for_itself()
    {
        Assert.DoesNotContain(s_triggers.Values.Select(t => t.Route!), r => r.StartsWith("admin", StringComparison.OrdinalIgnoreCase) || r.StartsWith("runtime", StringComparison.OrdinalIgnoreCase));
        Assert.Equal(s_triggers.Count, s_triggers.Values.Select(t => t.Route!).Distinct(StringComparer.OrdinalIgnoreCase).Count());
    }

    // The host matches by ASP.NET Core's own templates, whose regular expressions ignore case.
    private static IEnumerable<string> Matches(string path) => s_triggers.Where(r =>
    {
        var bare = Constraint().Replace(r.Value.Route!, "{*path}");
        var values = new RouteValueDictionary();
        if (!new TemplateMatcher(TemplateParser.Parse(bare), new RouteValueDictionary()).TryMatch(new PathString(path), values)) return false;
        return Constraint().Match(r.Value.Route!) is not { Success: true } match
            || Regex.IsMatch(values["path"]?.ToString() ?? "", match.Groups[1].Value, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);
    }).Select(r => r.Key);

    [GeneratedRegex(@"\{\*path:regex\((.+)\)\}")]
    private static partial Regex Constraint();
}
