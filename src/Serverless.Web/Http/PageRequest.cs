using System.Globalization;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Web.Http;

/// <summary>Which page of a list is asked for (OCI distribution specification 1.1.1, "Listing Tags").</summary>
/// <param name="Count">Entries, at most; 0 asks for none.</param>
/// <param name="Last">The text after which the page begins; null at the beginning.</param>
internal readonly record struct PageRequest(int Count, string? Last)
{
    /// <summary>
    /// Reads <c>n</c> and <c>last</c>. An <c>n</c> above the maximum is taken for the maximum, however large it is. Of several the first counts, as with distribution: some proxies and clients
    /// repeat what a link says.
    /// </summary>
    /// <exception cref="RegistryException">PAGINATION_NUMBER_INVALID; PageInvalid.</exception>
    public static PageRequest Read(HttpRequest request, int most)
    {
        var (n, last) = (request.Query["n"] is [{ } first, ..] ? first : "", request.Query["last"] is [{ } place, ..] ? place : "");
        if (n.Any(c => !char.IsAsciiDigit(c))) throw new RegistryException(RegistryError.PageSizeInvalid);
        if (last.Length >= TableLimits.KeyLength / 2 || last.Any(c => c is < ' ' or > '~')) throw new RegistryException(RegistryError.PageInvalid, "'last' must be printable ASCII");
        var count = n.Length == 0 || !int.TryParse(n, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? most : Math.Min(number, most);
        return new PageRequest(count, last.Length == 0 ? null : last);
    }
}
