using System.Net;
using System.Text;
using Xunit;

namespace Serverless.Web.Tests.Auth;

/// <summary>What comes to the token service and cannot be read: refused like a wrong password, counted and told of.</summary>
public sealed class MalformedSignInTests(InMemoryStorage storage) : AuthTest(storage), IClassFixture<InMemoryStorage>
{
    private const string FormType = "application/x-www-form-urlencoded";

    protected override string[] Settings => ["Auth:Mode=token", "Auth:Token:Service=test-registry", "Auth:Failures:PerAddress=30"];

    [Theory]
    [InlineData(FormType + "; charset=utf-7")]
    [InlineData(FormType + "; charset=utf-16")]
    [InlineData(FormType + "; charset=iso-8859-1")]
    [InlineData(FormType + "; charset=nonsense")]
    [InlineData(FormType + "; charset=\"\"")]
    [InlineData(FormType + "; charset")]
    [InlineData(FormType + "; charset=utf-8; charset=utf-7")]
    [InlineData(FormType + " x")]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData("application/json")]
    [InlineData("text")]
    [InlineData(";")]
    public async Task A_form_of_another_kind_or_character_set_is_a_bad_request(string type)
    {
        foreach (var path in (string[])["/token", "/oauth2/token", "/oauth2/exchange"])
        {
            await ExpectAsync(PostAsync(path, "grant_type=password&username=a&password=b", type), HttpStatusCode.BadRequest);
        }
    }

    [Theory]
    [InlineData("; charset=UTF-8")]
    [InlineData(";charset=\"utf-8\"")]
    [InlineData("; x=y")]
    public async Task A_form_that_says_what_it_is_anyway_is_read(string parameters)
    {
        await AddUserAsync("alice", "team/*:pull");
        await ExpectAsync(PostAsync("/token", $"grant_type=password&username=alice&password={Uri.EscapeDataString(Password)}", FormType.ToUpperInvariant() + parameters), HttpStatusCode.OK);
    }

    [Fact]
    public async Task What_cannot_be_read_is_counted_by_address_and_told_to_the_audit_log()
    {
        var logs = Registry.CaptureLogs();
        for (var i = 0; i < 10; i++)
        {
            await ExpectAsync(PostAsync("/token", "grant_type=password", FormType + "; charset=utf-7"), HttpStatusCode.BadRequest);
            await ExpectAsync(Registry.SendAsync("GET", "/token", headers: ("Authorization", "Basic !")), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
            await ExpectAsync(PostTokenAsync(("grant_type", "password"), ("username", "\ud800"), ("password", "x")), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
        }

        Assert.Equal(20, logs.Count(l => l.Contains("Sign-in failed:  (unreadable)", StringComparison.Ordinal)));
        await ExpectAsync(PostAsync("/token", "grant_type=password", FormType + "; charset=utf-7"), HttpStatusCode.TooManyRequests, "TOOMANYREQUESTS");
        await ExpectAsync(Registry.SendAsync("GET", "/token", headers: ("Authorization", "Basic !")), HttpStatusCode.TooManyRequests, "TOOMANYREQUESTS");
    }

    [Fact]
    public async Task A_malformed_token_that_is_exchanged_fails_like_any_other()
    {
        var logs = Registry.CaptureLogs();
        var token = $"{TokenForge.Encode("{\"alg\":\"\\ud800\"}")}.{TokenForge.Encode("{\"iss\":\"\\ud800\"}")}.AAAA";
        await ExpectAsync(PostAsync("/oauth2/exchange", ("grant_type", "access_token"), ("access_token", token)), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
        await ExpectAsync(GetTokenAsync("00000000-0000-0000-0000-000000000000", "", token), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
        Assert.Equal(2, logs.Count(l => l.Contains("(federation)", StringComparison.Ordinal) && l.StartsWith("Sign-in failed", StringComparison.Ordinal)));
    }

    private Task<HttpResponseMessage> PostAsync(string path, string form, string type) => Registry.SendAsync("POST", path, Encoding.UTF8.GetBytes(form), type);
}
