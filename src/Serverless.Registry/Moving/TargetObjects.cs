using System.Globalization;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Moving;

/// <summary>
/// The objects that the target had when the run began, less those that a blob has been found to name: in the end those that nobody names. Names are kept as numbers, for there may be very many.
/// </summary>
internal sealed class TargetObjects
{
    private readonly Dictionary<UInt128, long> _sizes = [];
    private readonly Dictionary<string, long> _others = new(StringComparer.Ordinal);

    public static async Task<TargetObjects> ReadAsync(IObjectStore objects, CancellationToken cancellationToken)
    {
        var found = new TargetObjects();
        await foreach (var each in objects.ListAsync(TableKeys.ObjectPrefix, cancellationToken))
        {
            if (Number(each.Name) is { } number) found._sizes[number] = each.Size;
            else found._others[each.Name] = each.Size;
        }

        return found;
    }

    /// <summary>A blob names the object.</summary>
    /// <returns>Its size in bytes; null when it is not there, or was named before.</returns>
    public long? Take(string name)
    {
        if (Number(name) is { } number ? _sizes.Remove(number, out var size) : _others.Remove(name, out size)) return size;
        return null;
    }

    /// <summary>What is left.</summary>
    public IEnumerable<string> Names => _sizes.Keys.Select(Name).Concat(_others.Keys);

    // Only of names as they are made here, so that none has two forms.
    private static UInt128? Number(string name) =>
        name.Length > TableKeys.RandomLength && UInt128.TryParse(name.AsSpan(name.Length - TableKeys.RandomLength), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number) && Name(number) == name
            ? number
            : null;

    private static string Name(UInt128 number) => TableKeys.ObjectName(number.ToString("x32", CultureInfo.InvariantCulture));
}
