from ansible.module_utils.basic import AnsibleModule
from ansible_collections.acme.desk.plugins.module_utils.words import words


def main():
    module = AnsibleModule(argument_spec={"who": {"type": "str", "required": True}}, supports_check_mode=True)
    module.exit_json(changed=False, words=words(module.params["who"]))


if __name__ == "__main__":
    main()
