using Microsoft.AspNetCore.Http;
using Serverless.Registry.Access;
using Serverless.Web.Auth;

namespace Serverless.Web.Tests.Auth;

/// <summary>Takes everybody for somebody with the same rights.</summary>
internal sealed class TestAuthenticator(params string[] rights) : IAuthenticator
{
    public bool AsksAgain => false;

    public ValueTask<Caller?> IdentifyAsync(HttpContext http) => ValueTask.FromResult<Caller?>(
        new Caller("somebody", "test", new AccessRights(rights.Select(r => AccessRule.Parse(r)))) { IsAdmitted = rights.Length > 0 });

    public string Challenge(HttpContext http, RequiredAccess access, string? error) => "Test";
}
