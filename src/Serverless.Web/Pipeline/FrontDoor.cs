using Serverless.Web.Http;

namespace Serverless.Web.Pipeline;

/// <summary>What is asked of a request before its path is read and before it is known who sends it.</summary>
internal sealed class FrontDoor(HostNames names, ForwardedWarning forwarded, CrossOrigin origins)
{
    /// <summary>Looks at a request.</summary>
    /// <returns>Whether it is answered, so that nobody else need look at it.</returns>
    /// <exception cref="Registry.Oci.RegistryException">DENIED: it is for another host.</exception>
    public bool Answer(HttpContext http)
    {
        names.Demand(http);
        forwarded.Look(http);
        return origins.Answer(http);
    }
}
