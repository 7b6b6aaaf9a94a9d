namespace Serverless.FunctionsHost.App;

/// <summary>The app settings as the host looks them up: each <c>__</c> of a name has become <c>:</c>, and case makes no difference.</summary>
internal sealed class AppSettings(IReadOnlyDictionary<string, string> settings)
{
    /// <summary>The settings, by the names that the host knows them by.</summary>
    public IReadOnlyDictionary<string, string> All { get; } =
        settings.GroupBy(s => s.Key.Replace("__", ":", StringComparison.Ordinal), StringComparer.OrdinalIgnoreCase).ToDictionary(s => s.Key, s => s.Last().Value, StringComparer.OrdinalIgnoreCase);

    /// <summary>The value itself, or the setting that it names between percent signs.</summary>
    /// <param name="value">The value of a binding.</param>
    /// <param name="function">The function whose binding it is.</param>
    /// <exception cref="HostRefusesException">There is no such setting. The host disables the function then, and says so only in its log.</exception>
    public string Resolve(string value, string function)
    {
        if (value is not ['%', .. var name, '%']) return value;
        // Looked up as it is: the settings that are there have no such name any more.
        if (name.Contains("__", StringComparison.Ordinal))
        {
            throw new HostRefusesException(
                $"The function '{function}' would be disabled: '{value}' does not resolve. A name with '__' never resolves, because the host turns that into ':' in the names of the app settings; use a name without.");
        }

        return All.GetValueOrDefault(name) ?? throw new HostRefusesException($"The function '{function}' would be disabled: '{value}' does not resolve, because there is no app setting '{name}'.");
    }
}
