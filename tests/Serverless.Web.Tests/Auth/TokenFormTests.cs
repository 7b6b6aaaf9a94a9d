using System.Net;
using System.Text.Json.Nodes;
using Serverless.Registry.Access;
using Xunit;

namespace Serverless.Web.Tests.Auth;

public abstract class TokenFormTests(IStorageKind storage) : ForgedTokenTest(storage)
{
    [Fact]
    public async Task A_token_without_a_beginning_holds_until_its_end()
    {
        using var forge = await ForgeAsync();
        await AcceptedAsync(forge.Make(claims: c => c.Remove("nbf")));
    }

    [Fact]
    public async Task The_service_is_compared_exactly()
    {
        using var forge = await ForgeAsync();
        await RefusedAsync(forge.Make(claims: c => c["aud"] = "test-registry/"));
        await RefusedAsync(forge.Make(claims: c => c["aud"] = new JsonArray("test-registry/")));
    }

    [Fact]
    public async Task Somebody_with_many_rights_gets_a_token_that_works()
    {
        await AddUserAsync("alice", [.. Enumerable.Range(0, 300).Select(i => $"department/of/some/kind/project-number-{i}/*:pull")]);
        var token = await SignInAsync("alice", "repository:department/of/some/kind/project-number-1/app:pull");
        await ExpectAsync(Registry.SendAsync("GET", "/v2/", headers: Bearer(token)), HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_hundred_scopes_make_a_token_that_works_or_are_refused()
    {
        await AddUserAsync("alice", "*:*");
        // Docker and buildkit ask by GET, others by POST.
        var scope = string.Join(' ', Enumerable.Range(0, 100).Select(i => $"repository:{new string('a', 100)}/{i}:pull,push"));
        using var answer = await PostTokenAsync(("grant_type", "password"), ("service", "test-registry"), ("scope", scope), ("username", "alice"), ("password", Password));
        if (answer.StatusCode == HttpStatusCode.BadRequest) return;
        var token = await PropertyAsync(answer, "token");
        await ExpectAsync(Registry.SendAsync("GET", "/v2/", headers: Bearer(token)), HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_form_is_64_KiB_at_most_however_it_is_sent()
    {
        using var multipart = new MultipartFormDataContent { { new ByteArrayContent(new byte[100_000]), "file", "file" } };
        using var files = await Registry.Client.PostAsync(new Uri("/token", UriKind.Relative), multipart);
        // A chunked one, which announces no length.
        using var stream = new MemoryStream(System.Text.Encoding.ASCII.GetBytes("grant_type=password&username=a&password=b&" + string.Join('&', Enumerable.Range(0, 2).Select(i => $"x{i}={new string('x', 50_000)}"))));
        using var content = new StreamContent(stream);
        content.Headers.TryAddWithoutValidation("Content-Type", "application/x-www-form-urlencoded");
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/token", UriKind.Relative)) { Content = content };
        request.Headers.TransferEncodingChunked = true;
        using var chunked = await Registry.Client.SendAsync(request);
        Assert.Contains(chunked.StatusCode, (HttpStatusCode[])[HttpStatusCode.BadRequest, HttpStatusCode.RequestEntityTooLarge]);
        using var chunkedMultipart = new MultipartFormDataContent { { new StringContent("password"), "grant_type" }, { new ByteArrayContent(new byte[100_000]), "file", "file" } };
        using var request2 = new HttpRequestMessage(HttpMethod.Post, new Uri("/token", UriKind.Relative)) { Content = chunkedMultipart };
        request2.Headers.TransferEncodingChunked = true;
        using var answer2 = await Registry.Client.SendAsync(request2);
        Assert.Contains(answer2.StatusCode, (HttpStatusCode[])[HttpStatusCode.BadRequest, HttpStatusCode.RequestEntityTooLarge]);
    }

    [Fact]
    public async Task Many_sign_ins_of_one_account_at_once_all_succeed()
    {
        await AddUserAsync("alice", "team/*:pull");
        var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => GetTokenAsync("alice", "scope=repository:team/app:pull")));
        Assert.All(answers, a => Assert.Equal(HttpStatusCode.OK, a.StatusCode));
    }

    [Fact]
    public async Task A_hash_that_cannot_be_read_fits_no_password()
    {
        await AddUserAsync("alice", "team/*:pull");
        foreach (var hash in (string[])["$apr1$x$y", "{SHA}qUqP5cyxm6YcTAhz05Hph5gvu9M=", "plain", "$2y$99$" + new string('a', 53), "$2y$xx$" + new string('!', 53)])
        {
            await Accounts.ChangeAsync(AccountName.Parse("alice"), a => a with { PasswordHashes = [hash, null] }, default);
            await ExpectAsync(GetTokenAsync("alice", ""), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
        }
    }
}

public sealed class TokenFormTestsInMemory(InMemoryStorage storage) : TokenFormTests(storage), IClassFixture<InMemoryStorage>;

[Collection(AzuriteCollection.Name)]
public sealed class TokenFormTestsOnAzurite(AzuriteStorage storage) : TokenFormTests(storage);
