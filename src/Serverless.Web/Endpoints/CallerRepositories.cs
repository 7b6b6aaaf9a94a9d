using Serverless.Registry;
using Serverless.Registry.Events;
using Serverless.Registry.Oci;
using Serverless.Web.Auth;

namespace Serverless.Web.Endpoints;

/// <summary>Repositories as callers change them: histories and events tell who it was, and by which request.</summary>
internal sealed class CallerRepositories(ContainerRegistry registry, ClientAddress address)
{
    /// <summary>A repository in the hands of a caller.</summary>
    public Repository Get(HttpContext http, RepositoryName name, Caller caller) => registry.GetRepository(name, OriginOf(http, caller));

    /// <summary>Who sends a request.</summary>
    public ChangeOrigin OriginOf(HttpContext http, Caller caller) => new()
    {
        Actor = caller.Name,
        RequestId = http.TraceIdentifier,
        Address = address.Of(http),
        Host = http.Request.Host.Value,
        Method = http.Request.Method,
        UserAgent = http.Request.Headers.UserAgent.ToString(),
    };
}
