using System.Net;
using System.Text;
using Serverless.Registry.Storage;
using Xunit;

namespace Serverless.Web.Tests.Auth;

/// <summary>Name and password with every request, against an htpasswd file that is a file or an object.</summary>
public abstract class BasicTests : AuthTest, IDisposable
{
    private const string Object = "config/htpasswd";

    private readonly string _file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

    protected BasicTests(IStorageKind storage)
        : base(storage) => File.WriteAllText(_file, Line("alice", Password) + "# a comment\n\nweak:{SHA}qUqP5cyxm6YcTAhz05Hph5gvu9M=\nplain:plain\nmd5:$apr1$x$Q1ezE4kNx2aFf9Jm0W1v1/\n" + Line("bob", "bob's: with ü"));

    protected override string[] Settings =>
    [
        "Auth:Mode=basic", "Auth:Basic:Realm=The registry", "Auth:Basic:HtpasswdPath=" + _file, "Auth:Anonymous:0=public/*:pull",
        "Auth:Basic:Rights:alice:0=team/*:pull", "Auth:Basic:Rights:alice:1=public/*:pull,push", "Auth:Basic:Rights:*:0=common/*:pull", "Auth:Failures:PerAccount=1000", "Auth:Failures:PerAddress=1000",
    ];

    [Fact]
    public async Task Whoever_comes_without_a_password_is_asked_for_one()
    {
        using var answer = await ExpectAsync(Registry.SendAsync("GET", "/v2/"), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
        Assert.Equal("Basic realm=\"The registry\"", Header(answer, "WWW-Authenticate"));
        foreach (var path in (string[])["/token", "/oauth2/exchange", "/.well-known/jwks.json"]) await ExpectAsync(Registry.SendAsync("GET", path), HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task The_right_password_lets_one_in_and_no_other_does()
    {
        await ExpectAsync(PingAsync("alice", Password), HttpStatusCode.OK);
        await ExpectAsync(PingAsync("bob", "bob's: with ü"), HttpStatusCode.OK);
        foreach (var (user, password) in ((string, string)[])
            [("alice", "wrong"), ("alice", ""), ("alice", Password + "\0"), ("Alice", Password), ("", Password), ("nobody", Password), ("weak", "password"), ("plain", "plain"), ("md5", "password"), ("# a comment", "")])
        {
            using var answer = await ExpectAsync(PingAsync(user, password), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
            Assert.Equal("Basic realm=\"The registry\"", Header(answer, "WWW-Authenticate"));
        }

        await ExpectAsync(PingAsync("alice", Password), HttpStatusCode.OK);
        Assert.Equal((0, 0), Registry.Probe.Counts);
    }

    [Fact]
    public async Task Passwords_that_are_refused_are_counted_and_names_are_not_told()
    {
        foreach (var name in (string[])["alice", "nobody"]) await ExpectAsync(PingAsync(name, "wrong"), HttpStatusCode.Unauthorized);
        using var answer = await ExpectAsync(Registry.SendAsync("GET", "/metrics"), HttpStatusCode.OK);
        var metrics = await answer.Content.ReadAsStringAsync();
        Assert.Contains("\nregistry_sign_in_failures_total{registry_sign_in_method=\"basic\"} 2\n", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("alice", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rights_are_by_user_and_a_private_repository_is_denied_like_a_missing_one()
    {
        await PushAsync("team/app", "common/app", "public/app", "private/app");
        foreach (var (user, name, expected) in ((string?, string, HttpStatusCode)[])
            [
                ("alice", "team/app", HttpStatusCode.OK), ("alice", "common/app", HttpStatusCode.OK), ("alice", "public/app", HttpStatusCode.OK), ("alice", "private/app", HttpStatusCode.Forbidden), ("alice", "missing", HttpStatusCode.Forbidden),
                ("bob", "team/app", HttpStatusCode.Forbidden), ("bob", "common/app", HttpStatusCode.OK), ("bob", "public/app", HttpStatusCode.OK),
                (null, "public/app", HttpStatusCode.OK), (null, "common/app", HttpStatusCode.Unauthorized), (null, "missing", HttpStatusCode.Unauthorized),
            ])
        {
            var code = expected switch { HttpStatusCode.Forbidden => "DENIED", HttpStatusCode.Unauthorized => "UNAUTHORIZED", _ => null };
            Registry.Probe.Reset();
            using var answer = await ExpectAsync(Registry.SendAsync("GET", $"/v2/{name}/manifests/v1", headers: Credentials(user)), expected, code);
            if (code is not null) Assert.Equal((0, 0), Registry.Probe.Counts);
            if (code == "DENIED") Assert.Equal("""{"errors":[{"code":"DENIED","message":"requested access to the resource is denied"}]}""", await answer.Content.ReadAsStringAsync());
        }

        await ExpectAsync(Registry.SendAsync("POST", "/v2/team/app/blobs/uploads/", headers: Credentials("alice")), HttpStatusCode.Forbidden, "DENIED");
        await ExpectAsync(Registry.SendAsync("POST", "/v2/public/app/blobs/uploads/", headers: Credentials("alice")), HttpStatusCode.Accepted);
        await ExpectAsync(Registry.SendAsync("DELETE", "/v2/public/app/manifests/v1", headers: Credentials("alice")), HttpStatusCode.Forbidden, "DENIED");
    }

    [Fact]
    public async Task The_catalog_shows_each_what_they_may_pull()
    {
        await PushAsync("team/app", "common/app", "public/app", "private/app");
        foreach (var (user, names) in ((string?, string)[])
            [("alice", "\"common/app\",\"public/app\",\"team/app\""), ("bob", "\"common/app\",\"public/app\""), (null, "\"public/app\"")])
        {
            using var answer = await ExpectAsync(Registry.SendAsync("GET", "/v2/_catalog", headers: Credentials(user)), HttpStatusCode.OK);
            Assert.Equal($"{{\"repositories\":[{names}]}}", await answer.Content.ReadAsStringAsync());
        }
    }

    [Theory]
    [InlineData("Basic")]
    [InlineData("Basic !")]
    [InlineData("Basic YWxpY2U=")]
    [InlineData("Basic YWxpY2U6eA== more")]
    [InlineData("Bearer x")]
    [InlineData("Digest username=alice")]
    [InlineData("YWxpY2U6eA==")]
    [InlineData(":")]
    public async Task A_header_that_cannot_be_read_is_refused(string header)
    {
        await PushAsync("public/app");
        await ExpectAsync(Registry.SendAsync("GET", "/v2/public/app/manifests/v1", headers: ("Authorization", header)), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
    }

    [Fact]
    public async Task A_user_may_be_called_whatever_htpasswd_takes()
    {
        string[] names = ["jörg", "a$b", "a&b", "anna maria", "日本", "a/b", "%41", "🙂", "DOMAIN\\user", ".dot", "x'y\"z"];
        await WriteAsync(string.Concat(names.Select(n => Line(n, Password))));
        await using var registry = await RegistryServer.StartAsync(Registry.Stores, Time, "Auth:Mode=basic", "Auth:Basic:HtpasswdObject=" + Object, "Auth:Basic:Rights:jörg:0=team/*:pull,push", "Auth:Basic:Rights:a$b:0=common/*:pull,push");
        foreach (var name in names)
        {
            await ExpectAsync(registry.SendAsync("GET", "/v2/", headers: Basic(name, Password)), HttpStatusCode.OK);
            await ExpectAsync(registry.SendAsync("GET", "/v2/", headers: Basic(name, "wrong")), HttpStatusCode.Unauthorized);
        }

        foreach (var (name, repository) in ((string, string)[])[("jörg", "team/app"), ("a$b", "common/app")])
        {
            using var begun = await ExpectAsync(registry.SendAsync("POST", $"/v2/{repository}/blobs/uploads/", headers: Basic(name, Password)), HttpStatusCode.Accepted);
            await ExpectAsync(registry.SendAsync("PUT", Header(begun, "Location") + "&digest=" + RegistryServer.DigestOf([1]), [1], null, Basic(name, Password)), HttpStatusCode.Created);
        }
    }

    [Fact]
    public async Task A_header_that_cannot_be_read_is_told_of_like_a_wrong_password()
    {
        var logs = Registry.CaptureLogs();
        await ExpectAsync(Registry.SendAsync("GET", "/v2/", headers: ("Authorization", "Basic !")), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
        Assert.Single(logs, l => l.Contains("Sign-in failed:  (unreadable)", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Two_headers_are_refused_and_empty_credentials_are_none()
    {
        await PushAsync("public/app");
        await ExpectAsync(Registry.SendAsync("GET", "/v2/public/app/manifests/v1", headers: [Basic("alice", Password), Basic("bob", "x")]), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
        await ExpectAsync(Registry.SendAsync("GET", "/v2/public/app/manifests/v1", headers: Basic("", "")), HttpStatusCode.OK);
        await ExpectAsync(PingAsync("", ""), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
    }

    [Fact]
    public async Task A_changed_file_counts_after_five_seconds_and_a_missing_one_changes_nothing()
    {
        await ExpectAsync(PingAsync("alice", Password), HttpStatusCode.OK);
        await File.WriteAllTextAsync(_file, Line("alice", "another one") + Line("carol", Password));
        Time.Advance(TimeSpan.FromSeconds(4));
        await ExpectAsync(PingAsync("alice", Password), HttpStatusCode.OK);
        Time.Advance(TimeSpan.FromSeconds(1));
        await ExpectAsync(PingAsync("alice", Password), HttpStatusCode.Unauthorized);
        await ExpectAsync(PingAsync("alice", "another one"), HttpStatusCode.OK);
        await ExpectAsync(PingAsync("carol", Password), HttpStatusCode.OK);
        await ExpectAsync(PingAsync("bob", "bob's: with ü"), HttpStatusCode.Unauthorized);
        File.Delete(_file);
        Time.Advance(TimeSpan.FromSeconds(5));
        await ExpectAsync(PingAsync("carol", Password), HttpStatusCode.OK);
    }

    [Fact]
    public async Task The_file_can_be_an_object()
    {
        await WriteAsync(Line("alice", Password));
        await using var registry = await RegistryServer.StartAsync(Registry.Stores, Time, "Auth:Mode=basic", "Auth:Basic:HtpasswdObject=" + Object);
        Task<HttpResponseMessage> Ping(string password) => registry.SendAsync("GET", "/v2/", headers: Basic("alice", password));
        await ExpectAsync(Ping(Password), HttpStatusCode.OK);
        registry.Probe.Reset();
        await ExpectAsync(Ping(Password), HttpStatusCode.OK);
        Assert.Equal((0, 0), registry.Probe.Counts);
        await WriteAsync(Line("alice", "another one"));
        Time.Advance(TimeSpan.FromSeconds(5));
        await ExpectAsync(Ping(Password), HttpStatusCode.Unauthorized);
        await ExpectAsync(Ping("another one"), HttpStatusCode.OK);
        // Every user may do everything where no rights are set.
        await ExpectAsync(registry.SendAsync("POST", "/v2/any/app/blobs/uploads/", headers: Basic("alice", "another one")), HttpStatusCode.Accepted);
    }

    public void Dispose()
    {
        File.Delete(_file);
        GC.SuppressFinalize(this);
    }

    private static string Line(string user, string password) => $"{user}:{BCrypt.Net.BCrypt.HashPassword(password, 4).Replace("$2a$", "$2y$", StringComparison.Ordinal)}\n";

    private static (string, string)[] Credentials(string? user) => user switch { null => [], "alice" => [Basic(user, Password)], _ => [Basic(user, "bob's: with ü")] };

    private Task<HttpResponseMessage> PingAsync(string user, string password) => Registry.SendAsync("GET", "/v2/", headers: Basic(user, password));

    private async Task PushAsync(params string[] names)
    {
        await using var open = await RegistryServer.StartAsync(Registry.Stores, Time);
        foreach (var name in names) await ExpectAsync(open.PutManifestAsync(name, "v1", await open.PrepareImageAsync(name, layers: 0)), HttpStatusCode.Created);
    }

    private async Task WriteAsync(string text)
    {
        await Registry.Stores.Objects.DeleteAsync(Object, null, default);
        Assert.Equal(WriteOutcome.Done, await Registry.Stores.Objects.PutAsync(Object, new(Encoding.UTF8.GetBytes(text)), default));
    }
}

public sealed class BasicTestsInMemory(InMemoryStorage storage) : BasicTests(storage), IClassFixture<InMemoryStorage>;

[Collection(AzuriteCollection.Name)]
public sealed class BasicTestsOnAzurite(AzuriteStorage storage) : BasicTests(storage);
