using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace Serverless.Testing.Rules;

/// <summary>Every rule in this folder is a test, for every kind of registry that inherits them.</summary>
public abstract class RuleTests(RuleRegistry registries)
{
    private static readonly Dictionary<string, Rule> s_rules =
        ((IEnumerable<Rule>)[.. BaseRules.All, .. CatalogRules.All, .. TagRules.All, .. ManifestReadRules.All, .. ManifestPushRules.All, .. ManifestRefusalRules.All,
            .. BlobRules.All, .. UploadStartRules.All, .. UploadRules.All, .. ReferrerRules.All, .. DeleteRules.All, .. ErrorRules.All, .. TokenRules.All]).ToDictionary(r => r.Sentence);

    public static TheoryData<RuleName> Rules => [.. s_rules.Keys.Select(sentence => new RuleName(sentence))];

    [Theory]
    [MemberData(nameof(Rules))]
    public async Task Holds(RuleName name)
    {
        var rule = StorageHasAddresses ? s_rules[name.Sentence] : s_rules[name.Sentence].WithoutAddresses();
        var (registry, words) = await registries.FindAsync(rule);
        var request = (await words.ExpandAsync(rule.Request)).Split(' ', 2);
        List<(string, string)> headers = [];
        foreach (var header in rule.With) headers.Add(Split(await words.ExpandAsync(header)));
        var body = rule.Sends is null ? null : Encoding.UTF8.GetBytes(await words.ExpandAsync(rule.Sends));

        var before = rule.Changes ? [] : await StoredAsync(registry);
        using var answer = await registry.SendAsync(request[0], request[1], body, null, [.. headers]);
        var said = await answer.Content.ReadAsStringAsync();

        if (AnsweredBefore(rule) is { } status) Assert.Equal((HttpStatusCode)status, answer.StatusCode);
        else await AssertAnswerAsync(rule, words, request, answer, said);
        if (!rule.Changes) Assert.Equal(before, await StoredAsync(registry));
    }

    /// <summary>Whether clients can be sent to storage.</summary>
    protected virtual bool StorageHasAddresses => true;

    /// <summary>The status with which something that stands before the registry answers by itself; null where it passes the request on.</summary>
    protected virtual int? AnsweredBefore(Rule rule) => null;

    private static async Task AssertAnswerAsync(Rule rule, RuleWords words, string[] request, HttpResponseMessage answer, string said)
    {
        Assert.True((HttpStatusCode)rule.Status == answer.StatusCode, $"Expected {rule.Status}, got {(int)answer.StatusCode}: {said}");
        if (request[1].Contains("/v2", StringComparison.Ordinal)) Assert.Equal("registry/2.0", Header(answer, "Docker-Distribution-API-Version"));
        foreach (var header in rule.Says) AssertHeader(answer, Split(await words.ExpandAsync(header)));
        foreach (var header in rule.Lacks) Assert.Equal("", Header(answer, header));
        if (rule.Json is not null) Assert.True(JsonNode.DeepEquals(JsonNode.Parse(await words.ExpandAsync(rule.Json)), JsonNode.Parse(said)), said);
        if (rule.Body is not null) Assert.Equal(await words.ExpandAsync(rule.Body), said);
        foreach (var text in rule.Mentions) Assert.Contains(await words.ExpandAsync(text), said, StringComparison.Ordinal);
        if (request[0] == "HEAD") Assert.Empty(said);
        else if (rule.Status >= 400) AssertErrors(answer, said, rule.Code!, rule.Errors);
    }

    private static void AssertHeader(HttpResponseMessage answer, (string Name, string Value) header)
    {
        var value = Header(answer, header.Name);
        if (header.Value is [.. var start, '*']) Assert.StartsWith(start, value, StringComparison.Ordinal);
        else Assert.Equal(header.Value, value);
    }

    // OCI distribution specification 1.1.1, "Error codes".
    private static void AssertErrors(HttpResponseMessage answer, string body, string code, int count)
    {
        Assert.Equal("application/json", Header(answer, "Content-Type"));
        using var json = JsonDocument.Parse(body);
        Assert.Equal("errors", Assert.Single(json.RootElement.EnumerateObject()).Name);
        var errors = json.RootElement.GetProperty("errors").EnumerateArray().ToList();
        Assert.Equal(count, errors.Count);
        foreach (var error in errors)
        {
            Assert.Equal(code, error.GetProperty("code").GetString());
            Assert.NotEmpty(error.GetProperty("message").GetString()!);
            Assert.All(error.EnumerateObject(), p => Assert.Contains(p.Name, (string[])["code", "message", "detail"]));
        }
    }

    private static string Header(HttpResponseMessage answer, string name) =>
        answer.Headers.TryGetValues(name, out var values) || answer.Content.Headers.TryGetValues(name, out values) ? string.Join(", ", values) : "";

    private static (string Name, string Value) Split(string header) =>
        (header[..header.IndexOf(':', StringComparison.Ordinal)], header[(header.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim());

    private static async Task<IEnumerable<string>> StoredAsync(RegistryClient registry)
    {
        var audit = await StoreAudit.ReadAsync(registry.Stores);
        audit.AssertBlobsSound();
        return audit.Rows.Append($"{audit.ObjectCount} objects");
    }
}
