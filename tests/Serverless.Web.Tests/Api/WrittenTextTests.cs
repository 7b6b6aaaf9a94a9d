using System.Net;
using System.Text.Json;
using Xunit;

namespace Serverless.Web.Tests.Api;

/// <summary>Whatever the authors of images have written is answered whole and as it was: neither cut, nor turned into something else, in whatever place it stands.</summary>
public sealed class WrittenTextTests(InMemoryStorage storage) : RepositoryApiTest(storage), IClassFixture<InMemoryStorage>
{
    public static TheoryData<string, string> Written => new()
    {
        { "markup", "<img src=x onerror=\"alert(1)\"><script>alert(1)</script></script><!--&amp;-->" },
        { "10,000 characters", new string('x', 9_999) + "!" },
        { "10,000 characters of three bytes", string.Concat(Enumerable.Repeat("漢", 10_000)) },
        { "right to left", "\u202Egnp.exe \u05E9\u05DC\u05D5\u05DD \u0645\u0631\u062D\u0628\u0627 \u2066isolated\u2069" },
        { "signs of JSON, logs and tables", "\"\\/\b\f\n\r\t\u0001\u007F\u2028\u2029 ' or PartitionKey ne '{{7*7}}${jndi:ldap://x}" },
        { "beyond the first plane", "𝒂🙂 e\u0301 \uFEFF\u200B" },
    };

    [Theory]
    [MemberData(nameof(Written))]
    public async Task A_text_comes_back_whole_from_every_place_where_it_may_stand(string what, string text)
    {
        Assert.NotEmpty(what);
        var odd = JsonSerializer.Serialize(text);
        var config = $$$"""
            {"os":"linux","architecture":"amd64","created":{{{odd}}},"author":{{{odd}}},
             "config":{"User":{{{odd}}},"WorkingDir":{{{odd}}},"Entrypoint":[{{{odd}}}],"Cmd":[{{{odd}}}],"Env":[{{{odd}}}],"ExposedPorts":{{{{odd}}}:{}},"Volumes":{{{{odd}}}:{}},"Labels":{{{{odd}}}:{{{odd}}}}},
             "history":[{"created":{{{odd}}},"created_by":{{{odd}}},"comment":{{{odd}}}}]}
            """;
        var image = await PushAsync("team/app", "v1", config, b =>
        {
            b.Annotations[text] = text;
            b.Append(b.References[1] with { Annotations = new Dictionary<string, string> { [text] = text } });
        });
        await PushAsync("team/app", change: b =>
        {
            (b.Subject, b.ArtifactType) = (image.Descriptor, "application/x");
            b.Annotations[text] = text;
        });

        var shown = await ReadAsync("/team/app/_manifests/v1", Reader);
        Assert.Equal(text, shown.GetProperty("annotations").GetProperty(text).GetString());
        Assert.Equal(text, shown.GetProperty("blobs")[2].GetProperty("annotations").GetProperty(text).GetString());
        var read = shown.GetProperty("config");
        Assert.All((string[])["createdAt", "author", "user", "workingDirectory"], m => Assert.Equal(text, read.GetProperty(m).GetString()));
        Assert.All((string[])["entrypoint", "command", "environment", "ports", "volumes"], m => Assert.Equal([text], Texts(read.GetProperty(m))));
        Assert.Equal(text, read.GetProperty("labels").GetProperty(text).GetString());
        Assert.All((string[])["createdAt", "createdBy", "comment"], m => Assert.Equal([text], Texts(read.GetProperty("history"), m)));
        var tree = await ReadAsync($"/team/app/_manifests/{image.Digest}/referrers", Reader);
        Assert.Equal(text, Assert.Single(tree.GetProperty("referrers").EnumerateArray()).GetProperty("annotations").GetProperty(text).GetString());

        // Nothing in it is markup to whoever takes it for a page.
        using var raw = await SendAsync("GET", "/team/app/_manifests/v1");
        Assert.Equal(HttpStatusCode.OK, raw.StatusCode);
        Assert.DoesNotContain('<', await raw.Content.ReadAsStringAsync());
    }
}
