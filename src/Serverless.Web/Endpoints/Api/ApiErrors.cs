using Serverless.Registry.Oci;

namespace Serverless.Web.Endpoints.Api;

/// <summary>How the API refuses, beside what the registry itself refuses. The codes are its own.</summary>
internal static class ApiErrors
{
    /// <summary>The body cannot be read, or what it says cannot be.</summary>
    public static readonly RegistryError RequestInvalid = new("REQUEST_INVALID", 400, "the request cannot be read");

    /// <summary>The body is not JSON by its type.</summary>
    public static readonly RegistryError TypeUnsupported = new("REQUEST_INVALID", 415, "the body must be application/json");

    /// <summary>The body is longer than it may be.</summary>
    public static readonly RegistryError TooLarge = new("REQUEST_INVALID", 413, "the body is too large");

    /// <summary>There is no such import, or none that the caller may see.</summary>
    public static readonly RegistryError ImportUnknown = new("IMPORT_UNKNOWN", 404, "there is no such import, or none that you may see");

    /// <summary>Another import from there to there runs.</summary>
    public static readonly RegistryError ImportExists = new("IMPORT_EXISTS", 409, "another import from there to there has not ended");

    /// <summary>The import has ended.</summary>
    public static readonly RegistryError ImportEnded = new("IMPORT_ENDED", 409, "the import has ended");
}
