using Serverless.Web.Auth;
using Serverless.Web.Routing;

namespace Serverless.Web.Endpoints;

/// <summary>The endpoints of one family of routes.</summary>
internal interface IEndpoints
{
    /// <summary>The endpoint of a route and method; null when it is not of this family, or the method is not known there.</summary>
    Endpoint? Find(RegistryRoute route, string method);

    /// <summary>Whether whoever sends the request may know that these endpoints are there.</summary>
    bool IsShownTo(HttpContext http) => true;
}

/// <summary>Answers a request that was let in.</summary>
internal delegate Task Endpoint(HttpContext http, Caller caller);
