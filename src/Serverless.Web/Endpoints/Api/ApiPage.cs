using System.Globalization;
using Serverless.Registry.Oci;

namespace Serverless.Web.Endpoints.Api;

/// <summary>Which page of a list of the API a request asks for: <c>n</c> and <c>cursor</c>.</summary>
/// <param name="Count">Entries in the page, at most.</param>
/// <param name="Cursor">Where it begins; null: at the first entry.</param>
internal sealed record ApiPage(int Count, string? Cursor)
{
    private const int MaxCursor = 1024;

    /// <summary>Reads the query of a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="most">Entries in a page where nobody says how many, and never more.</param>
    /// <exception cref="RegistryException">It cannot be read.</exception>
    public static ApiPage Read(HttpRequest request, int most)
    {
        var (n, cursor) = (request.Query["n"].ToString(), request.Query["cursor"].ToString());
        var count = n.Length == 0 ? most
            : int.TryParse(n, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? Math.Min(number, most)
            : throw ApiBody.Invalid("n is a whole number of at least 1");
        if (cursor.Length > MaxCursor) throw ForeignCursor();
        return new ApiPage(count, cursor.Length > 0 ? cursor : null);
    }

    /// <summary>What is said of a cursor that this list has not given.</summary>
    public static RegistryException ForeignCursor() => ApiBody.Invalid("cursor is not from a page of this list");
}
