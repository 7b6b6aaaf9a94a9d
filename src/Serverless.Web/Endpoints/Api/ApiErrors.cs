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

    /// <summary>There is no such account.</summary>
    public static readonly RegistryError AccountUnknown = new("ACCOUNT_UNKNOWN", 404, "there is no such account");

    /// <summary>There is an account of that name.</summary>
    public static readonly RegistryError AccountExists = new("ACCOUNT_EXISTS", 409, "there is an account of that name");

    /// <summary>Somebody would lock himself out.</summary>
    public static readonly RegistryError OwnAccount = new("OWN_ACCOUNT", 409, "nobody locks himself out, or deletes his own account");

    /// <summary>There is no such scope map.</summary>
    public static readonly RegistryError ScopeMapUnknown = new("SCOPE_MAP_UNKNOWN", 404, "there is no such scope map");

    /// <summary>A scope map is not stored.</summary>
    public static readonly RegistryError ScopeMapConfigured = new("SCOPE_MAP_CONFIGURED", 409, "the scope map is set by the configuration, and can be changed only there");

    /// <summary>There is no such quota.</summary>
    public static readonly RegistryError QuotaUnknown = new("QUOTA_UNKNOWN", 404, "there is no such quota");

    /// <summary>There is no such event among those that were given up.</summary>
    public static readonly RegistryError EventUnknown = new("EVENT_UNKNOWN", 404, "no such event was given up");

    /// <summary>There is nothing to roll a tag back to.</summary>
    public static readonly RegistryError HistoryEmpty = new("HISTORY_EMPTY", 409, "the history of the tag holds nothing else that is still there");

    /// <summary>Nothing is remembered of what was deleted.</summary>
    public static readonly RegistryError DeletedUnknown = new("DELETED_UNKNOWN", 404, "nothing is remembered of it: it was not deleted within the grace");

    /// <summary>There is no such import, or none that the caller may see.</summary>
    public static readonly RegistryError ImportUnknown = new("IMPORT_UNKNOWN", 404, "there is no such import, or none that you may see");

    /// <summary>Another import from there to there runs.</summary>
    public static readonly RegistryError ImportExists = new("IMPORT_EXISTS", 409, "another import from there to there has not ended");

    /// <summary>The import has ended.</summary>
    public static readonly RegistryError ImportEnded = new("IMPORT_ENDED", 409, "the import has ended");
}
