using Microsoft.AspNetCore.Http;
using Serverless.Registry.Access;
using Serverless.Web.Auth;

namespace Serverless.Web.Tests.Api;

/// <summary>Takes everybody for who he says he is, with the rights that he says he has: <c>X-Caller: ann team/*:pull,push registry:admin:*</c>.</summary>
internal sealed class HeaderAuthenticator : IAuthenticator
{
    public const string Header = "X-Caller";

    public bool AsksAgain => false;

    public ValueTask<Caller?> IdentifyAsync(HttpContext http)
    {
        var words = http.Request.Headers[Header].ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return ValueTask.FromResult<Caller?>(words.Length == 0 ? new Caller(null, "nobody", AccessRights.None) : new Caller(words[0], "test", new AccessRights(words[1..].Select(w => AccessRule.Parse(w)))));
    }

    public string Challenge(HttpContext http, RequiredAccess access, string? error) => $"Test scope=\"{access.Describe()}\"";
}
